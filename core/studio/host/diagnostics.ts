/** A report for people who help: versions, engines, what was last said. A person reads it before copying; it names nobody's files. */
import { availableParallelism, freemem, homedir, release, totalmem } from 'node:os'
import { join } from 'node:path'
import type { EngineReport, EngineState } from '../../contract/studioTypes.ts'
import { assertNever } from '../../domain/errors.ts'
import { programVersion } from '../programVersion.ts'

export interface DiagnosticFacts {
  readonly host: string
  readonly engine: EngineState
  readonly engines: readonly EngineReport[]
  /** What is open, in numbers alone. */
  readonly project: string
  readonly jobs: readonly string[]
  /** What the computing process wrote last. */
  readonly computeLines: readonly string[]
  readonly logLines: readonly string[]
}

export function formatDiagnostics(facts: DiagnosticFacts): string {
  const { electron, chrome } = process.versions
  const gigabytes = (bytes: number) => `${(bytes / 1e9).toFixed(1)} GB`
  const parts: readonly (readonly [title: string, lines: readonly string[]])[] = [
    [
      'Tandem Studio',
      [
        `version ${programVersion}, host ${facts.host}`,
        `Node ${process.versions.node}${electron ? `, Electron ${electron}, Chromium ${chrome}` : ''}`,
        `${process.platform} ${release()} ${process.arch}`,
        `${availableParallelism()} processors, ${gigabytes(totalmem())} memory, ${gigabytes(freemem())} free`,
      ],
    ],
    ['Engine', [describeEngine(facts.engine), ...facts.engines.map(describeReport)]],
    ['Project', [facts.project]],
    ['Jobs', facts.jobs],
    ['Computing process, last lines', facts.computeLines],
    ['Log, last lines', facts.logLines],
  ]
  const text = parts.map(([title, lines]) => [title, ...(lines.length ? lines : ['none']).map(indent)].join('\n'))
  return `${hideMachine(text.join('\n\n'))}\n`
}

const indent = (line: string) => `  ${line}`

function describeEngine(engine: EngineState): string {
  switch (engine.kind) {
    case 'starting':
      return 'starting'
    case 'ready':
      return `${engine.engine} ${engine.version}, ${engine.detail}, ${engine.threads} threads`
    case 'restarting':
      return `restarting: ${engine.message}`
    case 'unavailable':
      return `unavailable: ${engine.message}`
    default:
      return assertNever(engine)
  }
}

function describeReport({ engine, available, version, detail, reason }: EngineReport): string {
  return `${engine}: ${available ? `works, ${version ?? 'unknown version'}, ${detail}` : 'not available'}${reason ? ` (${reason})` : ''}`
}

interface Places {
  readonly home: string
  readonly program: string
}
const thisMachine: Places = { home: homedir(), program: join(import.meta.dirname, '../../..') }

/** Endings of files that are a person's own: their names may tell what they are of. */
const OWN = 'png|jpe?g|webp|gif|bmp|tiff?|zip|gz|tandem|safetensors'

/** The program's own folder shortened, the home folder as ~, every other place and every name of a person's file left out. */
export function hideMachine(text: string, { home, program }: Places = thisMachine): string {
  return text
    .replaceAll(program, '<program>')
    .replace(new RegExp(`([“"'\`])[^“”"'\`\\n]*\\.(${OWN})(?=[”"'\`])`, 'giu'), '$1<file>.$2')
    .replaceAll(home, '~')
    .replace(/~[\\/][^\s:;,'"`()<>“”]*/gu, '~/…')
    .replace(
      /(?<![\w<>~./\\:…])(?:file:\/\/)?(?:\/|[A-Za-z]:[\\/]|\\\\)[^\s:;,'"`()<>“”/\\]+[\\/][^\s:;,'"`()<>“”]*/gu,
      '<place>',
    )
    .replace(new RegExp(`[^\\s'"\`()<>“”/\\\\]+\\.(${OWN})\\b`, 'giu'), '<file>.$1')
}

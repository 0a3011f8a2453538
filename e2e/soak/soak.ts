/**
 * `npm run soak -- --rounds N`: somebody draws and trains, and the program (or its computing process) is killed with SIGKILL at a random
 * instant, N times, on one real project file. After every kill the file is looked at; what was acknowledged must be there.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { Random } from '../../core/domain/random.ts'
import { findLosses } from './check.ts'
import { prepareProject } from './prepare.ts'
import type { Acknowledged, Begin } from './words.ts'

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '25' },
    seed: { type: 'string', default: '1' },
    report: { type: 'string' },
    verbose: { type: 'boolean', default: false },
  },
})
const rounds = Number(values.rounds)
const random = new Random(Number(values.seed))

/** Of the instants after which something is killed. */
const LONGEST_WAIT_MS = 2000
/** A start, or a way back after the computing process died, must not take longer. */
const PATIENCE_MS = 120_000
/** The orphan of a killed program ends by itself. */
const ORPHAN_MS = 30_000
/** The host is killed in so many of the rounds, its computing process in the others. */
const HOST_SHARE = 0.6

const home = mkdtempSync(join(tmpdir(), 'tandem-soak-'))
const project = join(home, 'Soak.tandem')
const truth = { strokes: 0, results: new Map<string, string>(), checkpointStep: 0 }
const figures = {
  rounds: 0,
  good: 0,
  hostKills: 0,
  computeKills: 0,
  resumes: 0,
  orphansMs: [] as number[],
  startsMs: [] as number[],
}
const losses: string[] = []
let computeKillsInARow = 0

interface Actor {
  readonly child: ChildProcess
  computePid: number
  step: number
  ready(): Promise<void>
  /** Until told of a step of the training. */
  stepped(): Promise<void>
  /** Until another computing process was started. */
  computing(): Promise<void>
}

await prepareProject(home, project)
let actor = start()
await within(actor.ready(), 'the first start')
for (let round = 1; round <= rounds; round++) {
  await pause(random.uniform() * LONGEST_WAIT_MS)
  const killed = isHostsTurn() ? await killHost() : await killCompute()
  const found = [...killed, ...findLosses(project, truth)]
  figures.rounds = round
  if (found.length === 0) figures.good++
  losses.push(...found.map((loss) => `round ${round}: ${loss}`))
  for (const loss of found) console.log(`round ${round}: ${loss}`)
  if (round % 10 === 0 || round === rounds) console.log(summary())
}
actor.child.kill('SIGKILL')
if (values.report) writeFileSync(values.report, `${summary()}\n`)
rmSync(home, { recursive: true, force: true, maxRetries: 10 })
process.exit(losses.length === 0 ? 0 : 1)

/** After more deaths in a row the program waits before it starts a process again, and then asks before a training goes on: rightly, and not what is looked at here. */
function isHostsTurn(): boolean {
  const host = computeKillsInARow === 2 || random.uniform() < HOST_SHARE
  computeKillsInARow = host ? 0 : computeKillsInARow + 1
  return host
}

function start(): Actor {
  const started = performance.now()
  const child = fork(new URL('./actor.ts', import.meta.url), { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] })
  let errors = ''
  child.stderr?.on('data', (chunk: Buffer) => (errors = (errors + chunk.toString()).slice(-4000)))
  const ready = Promise.withResolvers<undefined>()
  ready.promise.catch(() => undefined)
  let onStep: () => void = () => undefined
  let onCompute: () => void = () => undefined
  const self: Actor = {
    child,
    computePid: 0,
    step: 0,
    ready: () => ready.promise,
    stepped: () => new Promise((resolve) => (onStep = resolve)),
    computing: () => new Promise((resolve) => (onCompute = resolve)),
  }
  child.on('message', (told: Acknowledged) => {
    if (told.kind === 'computing') {
      self.computePid = told.computePid
      onCompute()
    }
    if (told.kind === 'stroke') truth.strokes = told.serial
    if (told.kind === 'result') truth.results.set(told.resultId, told.picture)
    if (told.kind === 'checkpoint') truth.checkpointStep = Math.max(truth.checkpointStep, told.step)
    if (told.kind === 'step') onStep()
    if (told.kind === 'noted' && values.verbose) console.log(told.message)
    if (told.kind === 'broken') ready.reject(new Error(told.message))
    if (told.kind === 'ready') {
      figures.startsMs.push(performance.now() - started)
      if ((told.resumedFrom ?? 0) < truth.checkpointStep)
        losses.push(`resumed from ${told.resumedFrom}, not from ${truth.checkpointStep}`)
      ready.resolve(undefined)
    }
  })
  child.on('exit', (code, signal) => {
    if (signal !== 'SIGKILL') ready.reject(new Error(`the program ended by itself (${code ?? signal}): ${errors}`))
  })
  const begin: Begin = { home, project }
  child.send(begin)
  return self
}

/** @returns what is wrong */
async function killHost(): Promise<string[]> {
  figures.hostKills++
  const orphan = untilGone(actor.computePid)
  const gone = new Promise((resolve) => actor.child.once('exit', resolve))
  actor.child.kill('SIGKILL')
  await gone
  // Looked at while the orphan may still be writing: that must do no harm either.
  const wrong = findLosses(project, truth)
  actor = start()
  await within(actor.ready(), 'a start after a kill')
  await within(actor.stepped(), 'the first step after a kill')
  figures.resumes++
  return [...wrong, ...(await orphan)]
}

/** @returns what is wrong */
async function untilGone(pid: number): Promise<string[]> {
  const started = performance.now()
  while (isAlive(pid)) {
    await pause(20)
    if (performance.now() - started < ORPHAN_MS) continue
    process.kill(pid, 'SIGKILL')
    return [`the computing process ${pid} of a killed program did not end by itself`]
  }
  figures.orphansMs.push(performance.now() - started)
  return []
}

/** @returns what is wrong */
async function killCompute(): Promise<string[]> {
  figures.computeKills++
  const again = actor.computing()
  if (isAlive(actor.computePid)) process.kill(actor.computePid, 'SIGKILL')
  await within(again, 'another computing process')
  await within(actor.stepped(), 'the first step after the computing process was killed')
  figures.resumes++
  return []
}

async function within<T>(work: Promise<T>, what: string): Promise<T> {
  const late = AbortSignal.timeout(PATIENCE_MS)
  return Promise.race([
    work,
    new Promise<never>((_resolve, reject) => {
      late.addEventListener('abort', () => reject(new Error(`${what} took longer than ${PATIENCE_MS / 1000} s`)))
    }),
  ])
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

function isAlive(pid: number): boolean {
  try {
    // A dead child that nobody has asked after yet is not alive.
    return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return false
  }
}

function summary(): string {
  const { rounds: done, good, hostKills, computeKills, resumes, orphansMs, startsMs } = figures
  const longest = (times: number[]) => `${(Math.max(0, ...times) / 1000).toFixed(1)} s`
  return [
    `${good} of ${done} rounds without loss (${hostKills} kills of the program, ${computeKills} of its computing process; ${resumes} resumes)`,
    `${truth.strokes} strokes, ${truth.results.size} results acknowledged; training at checkpoint ${truth.checkpointStep}`,
    `longest start ${longest(startsMs)}, longest life of an orphan ${longest(orphansMs)}, file ${(statSync(project).size / 1e6).toFixed(1)} MB`,
  ].join('; ')
}

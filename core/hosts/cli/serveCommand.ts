/** `tandem serve`: the studio in an ordinary browser, on this machine or through a tunnel. */
import type { Command } from 'commander'
import { createInterface } from 'node:readline'
import { AppError } from '../../domain/errors.ts'
import { createStudio } from '../../studio/host/createStudio.ts'
import { dataFolder, projectsFolder } from '../../studio/places.ts'
import { pagesFolder } from '../pagesFolder.ts'
import { openWebHost, type WebHost } from '../web/webHost.ts'
import { wholeNumber } from './options.ts'
import { computingWith } from './project/computing.ts'
import { createTerminal, stopOnInterrupt } from './terminal.ts'

interface ServeOptions {
  readonly port: number
  readonly address: string
  readonly allowHost?: readonly string[]
  readonly open?: boolean
  readonly readOnly?: boolean
  readonly json?: boolean
}

export function addServeCommand(program: Command): void {
  program
    .command('serve')
    .argument('[project]', 'a .tandem file to open')
    .description(
      'Open the studio in a browser. Only this machine can reach it, and only with the link that is printed.',
    )
    .option('--port <number>', 'the port; any free one when 0', wholeNumber(0, 65_535), 7340)
    .option(
      '--address <address>',
      'listen on another address than this machine alone (the link is still needed)',
      '127.0.0.1',
    )
    .option('--allow-host <names...>', 'further names under which browsers may call, for another --address')
    .option('--open', 'open the link in the default browser')
    .option('--read-only', 'look at the project without changing it')
    .option('--json', 'one JSON value instead of text')
    .action(serve)
}

async function serve(project: string | undefined, options: ServeOptions): Promise<void> {
  const terminal = createTerminal({ json: options.json === true })
  const signal = stopOnInterrupt()
  const studio = await createStudio({
    host: 'web',
    dataFolder: dataFolder(),
    projectsFolder: projectsFolder(),
    spawn: computingWith(),
  })
  try {
    if (project !== undefined) await studio.openProjectAt(project, { readOnly: options.readOnly })
    const { port, address, allowHost: names } = options
    const host = await openWebHost({ studio, pages: pagesFolder(), address, port, names }).catch((cause: unknown) => {
      throw explain(cause, options)
    })
    try {
      if (address !== '127.0.0.1')
        terminal.say(
          `Listening on ${address}: other machines can reach this port. They still need the link; it is not encrypted.`,
        )
      const link = host.issueLink()
      terminal.result(
        `Tandem Studio: ${link}\nThe link works once${process.stdin.isTTY ? '; Enter prints another' : ''}. Ctrl-C stops the studio; what it does is saved.`,
        {
          link,
          port: host.port,
        },
      )
      if (options.open) await openInBrowser(link, terminal.say)
      if (process.stdin.isTTY) offerLinks(host, terminal.say)
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
    } finally {
      await host.close()
    }
  } finally {
    await studio.close()
  }
}

/** Enter prints another link: for a second browser, or one that forgot its cookie. */
function offerLinks(host: WebHost, say: (line: string) => void): void {
  const lines = createInterface({ input: process.stdin })
  lines.on('line', () => say(`Another link: ${host.issueLink()}`))
  process.stdin.unref()
}

async function openInBrowser(link: string, say: (line: string) => void): Promise<void> {
  const { default: open } = await import('open')
  const cannot = () => say('No browser could be started here; open the link yourself.')
  await open(link).then((browser) => browser.on('error', cannot), cannot)
}

function explain(cause: unknown, { port, address }: ServeOptions): unknown {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined
  if (code === 'EADDRINUSE')
    return new AppError('misuse', `Port ${port} is taken, perhaps by a studio that already runs.`, {
      hint: 'Use that one, or choose another with --port (0 is any free one).',
      cause,
    })
  if (code === 'EACCES' || code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
    return new AppError('misuse', `This machine cannot listen on ${address}, port ${port}.`, { cause })
  return cause
}

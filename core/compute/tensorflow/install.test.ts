import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { AppError, CancelledError } from '../../domain/errors.ts'
import type { ProbeResult } from '../probeInChild.ts'
import { bindingPath, hasTensorflow, tensorflowFolder } from './engineFolder.ts'
import { installTensorflow, type InstallOptions } from './install.ts'
import type { CommandResult, RunCommand } from './runCommand.ts'

const works: ProbeResult = { ok: true, version: '2.21.0', threads: 2, detail: '', software: false }
const done: CommandResult = { status: 0, missing: false, output: '' }
const missing: CommandResult = { status: null, missing: true, output: '' }

let home: string
let commands: string[]
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'tandem-install-'))
  commands = []
})
afterEach(() => rmSync(home, { recursive: true }))

/** A machine on which every step works, by the name of the step; `changes` make one of them fail. */
function machine(changes: Partial<Record<Step, (parameters: string[]) => CommandResult>> = {}): RunCommand {
  return async (command, parameters) => {
    const step = nameStep(command, parameters)
    commands.push(step)
    return (changes[step] ?? steps[step])(parameters)
  }
}

type Step = 'python' | 'compiler' | 'fetch' | 'unpack' | 'compile'

function nameStep(command: string, parameters: string[]): Step {
  if (command.startsWith('python'))
    return parameters.includes('download') ? 'fetch' : parameters[0] === '-c' ? 'unpack' : 'python'
  return parameters[0] === '--version' ? 'compiler' : 'compile'
}

const steps: Record<Step, (parameters: string[]) => CommandResult> = {
  python: () => done,
  compiler: () => done,
  fetch: (parameters) => {
    const requirement = readFileSync(after(parameters, '--requirement'), 'utf8')
    const name = requirement.split(' ')[0]!.replace('==', '-')
    writeFileSync(
      join(after(parameters, '--dest'), `${name}-cp312-cp312-${after(parameters, '--platform')}.whl`),
      'wheel',
    )
    return done
  },
  unpack: (parameters) => {
    mkdirSync(join(parameters[3]!, 'tensorflow', 'include', 'tensorflow'), { recursive: true })
    return done
  },
  compile: (parameters) => {
    writeFileSync(after(parameters, '-o'), 'addon')
    return done
  },
}

function after(parameters: string[], option: string): string {
  return parameters[parameters.indexOf(option) + 1]!
}

function install(changes: Partial<InstallOptions> = {}): ReturnType<typeof installTensorflow> {
  return installTensorflow({
    ...{ build: 'cpu', home, system: 'linux-x64', report: () => undefined, run: machine() },
    ...{ verify: async () => works, freeMegabytes: async () => 1e6, ...changes },
  })
}

async function refusal(changes: Partial<InstallOptions>): Promise<AppError> {
  const error: unknown = await install(changes).then(
    () => undefined,
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(AppError)
  return error as AppError
}

/** Everything below the engines' folder, wheels apart. */
function leftBehind(): string[] {
  const engines = join(home, 'engines')
  return existsSync(engines) ? readdirSync(engines).filter((name) => name !== 'wheels') : []
}

describe('a machine that has everything', () => {
  it('gets the engine in its place, without headers, wheels or work folders', async () => {
    const { folder, already } = await install()
    expect([folder, already]).toEqual([tensorflowFolder('cpu', home), false])
    expect(hasTensorflow('cpu', home)).toBe(true)
    expect(readdirSync(join(home, 'engines'))).toEqual(['tensorflow-2.21.0-cpu'])
    expect(readdirSync(folder).sort()).toEqual(['engine.json', 'tensorflow'])
    expect(existsSync(join(folder, 'tensorflow', 'include'))).toBe(false)
    expect(commands).toEqual(['python', 'compiler', 'fetch', 'unpack', 'compile', 'compile'])
  })

  it('does nothing the second time', async () => {
    await install()
    commands = []
    expect((await install()).already).toBe(true)
    expect(commands).toEqual([])
  })

  it('replaces a folder that was never finished and clears what a killed attempt left', async () => {
    const folder = tensorflowFolder('cpu', home)
    mkdirSync(dirname(bindingPath(folder)), { recursive: true })
    mkdirSync(`${folder}.work-99999999`)
    mkdirSync(`${folder}.work-${process.ppid}`)
    await install()
    expect(leftBehind()).toEqual(['tensorflow-2.21.0-cpu', `tensorflow-2.21.0-cpu.work-${process.ppid}`])
  })

  it('asks pip for the pinned hash, whatever Python the person has', async () => {
    let asked: string[] = []
    let requirement = ''
    const fetch = (parameters: string[]): CommandResult => {
      asked = parameters
      requirement = readFileSync(after(parameters, '--requirement'), 'utf8')
      return steps.fetch(parameters)
    }
    await install({ run: machine({ fetch }) })
    expect(requirement).toMatch(/^tensorflow_cpu==2\.21\.0 --hash=sha256:[0-9a-f]{64}\n$/)
    expect(asked).toEqual(expect.arrayContaining(['--require-hashes', '--no-deps', '--only-binary=:all:']))
    expect([after(asked, '--python-version'), after(asked, '--abi')]).toEqual(['3.12', 'cp312'])
    expect(asked.join(' ')).not.toMatch(/https?:|index-url/)
  })
})

describe('a step that fails leaves nothing half-made', () => {
  afterEach(() => {
    expect(leftBehind()).toEqual([])
  })

  it('no Python, or one without pip', async () => {
    const error = await refusal({ run: machine({ python: () => missing }) })
    expect(error.message).toContain('pip')
    expect(error.hint).toContain('python3-pip')
    expect(commands).toEqual(['python', 'python'])
  })

  it('no compiler: told before anything is fetched', async () => {
    const error = await refusal({ run: machine({ compiler: () => missing }) })
    expect(error.message).toContain('C++ compiler')
    expect(commands).not.toContain('fetch')
  })

  it('too little disk: told before anything is fetched, with both numbers', async () => {
    const error = await refusal({ freeMegabytes: async () => 900.7 })
    expect(error.code).toBe('storage-failed')
    expect(error.message).toMatch(/1400 MB.*900 MB/)
    expect(commands).not.toContain('fetch')
  })

  it('a system for which there is no TensorFlow', async () => {
    const error = await refusal({ system: 'win32-x64' })
    expect(error.message).toContain('win32-x64')
    expect(commands).toEqual([])
  })

  it('pip that fails says why', async () => {
    const fetch = (): CommandResult => ({
      status: 1,
      missing: false,
      output: 'WARNING: x\nERROR: Could not reach the index\n',
    })
    const error = await refusal({ run: machine({ fetch }) })
    expect(error.message).toContain('Could not reach the index')
    expect(existsSync(join(home, 'engines', 'wheels')) ? readdirSync(join(home, 'engines', 'wheels')) : []).toEqual([])
  })

  it('other bytes than the pinned ones', async () => {
    const output = 'ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.'
    const error = await refusal({ run: machine({ fetch: () => ({ status: 1, missing: false, output }) }) })
    expect(error.message).toContain('is not the file that this program expects')
    expect(commands).not.toContain('unpack')
  })

  it('a disk that fills up while fetching or unpacking', async () => {
    const full = (): CommandResult => ({
      status: 1,
      missing: false,
      output: 'OSError: [Errno 28] No space left on device',
    })
    expect((await refusal({ run: machine({ fetch: full }) })).code).toBe('storage-failed')
    expect((await refusal({ run: machine({ unpack: full }) })).code).toBe('storage-failed')
  })

  it('a compiler that refuses quotes its first error', async () => {
    const compile = (): CommandResult => ({
      status: 1,
      missing: false,
      output: 'note\na.cc:3: error: no C++17 here\nmore',
    })
    expect((await refusal({ run: machine({ compile }) })).message).toContain('a.cc:3: error: no C++17 here')
  })

  it('an engine that does not compute is not installed', async () => {
    const error = await refusal({ verify: async () => ({ ok: false, reason: 'it ended by SIGILL' }) })
    expect(error.message).toContain('SIGILL')
    expect(hasTensorflow('cpu', home)).toBe(false)
  })

  it('a person who stops it', async () => {
    const stop = new AbortController()
    const unpack = (): CommandResult => {
      stop.abort()
      return { status: null, missing: false, output: '' }
    }
    await expect(install({ run: machine({ unpack }), signal: stop.signal })).rejects.toBeInstanceOf(CancelledError)
  })
})

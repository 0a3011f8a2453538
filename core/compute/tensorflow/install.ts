/**
 * Brings the native engine: TensorFlow's wheel through pip (pinned by SHA-256, obeying the person's own pip configuration), its C
 * libraries unpacked, TensorFlow.js's own Node binding compiled against them, the whole verified in a process of its own and put
 * in place by one rename. Until then everything happens in a folder beside the final one, which is removed again on any failure;
 * only wheels that came whole are kept, so that the next attempt does not fetch them again.
 */
import { mkdir, readdir, rename, rm, statfs, writeFile } from 'node:fs/promises'
import { arch, platform } from 'node:process'
import { basename, dirname, join } from 'node:path'
import { AppError, CancelledError } from '../../domain/errors.ts'
import { probeInChild, type ProbeResult } from '../probeInChild.ts'
import { compileBinding, findCompiler, findNodeHeaders } from './compileBinding.ts'
import { hasTensorflow, manifestPath, tensorflowFolder, tensorflowVersion } from './engineFolder.ts'
import type { TensorflowBuild } from './engineFolder.ts'
import { tandemHome } from '../tandemHome.ts'
import { fetchWheel, findPython, unpackWheel } from './fetchWheel.ts'
import { runCommand, type RunCommand } from './runCommand.ts'
import { engineParts, type EngineParts } from './wheels.ts'

export interface InstallOptions {
  build: TensorflowBuild
  report: (line: string) => void
  signal?: AbortSignal
  /** The rest stands for the machine; tests bring their own. */
  home?: string
  run?: RunCommand
  verify?: (folder: string) => Promise<ProbeResult>
  freeMegabytes?: (folder: string) => Promise<number>
  system?: string
}

export interface Installed {
  folder: string
  /** True when nothing had to be done. */
  already: boolean
}

/**
 * @throws AppError 'engine-unavailable' when something is missing on this machine or a step fails, 'storage-failed' when the disk is
 *   full or not writable. CancelledError when `signal` fires. In every case nothing half-made stays.
 */
export async function installTensorflow(options: InstallOptions): Promise<Installed> {
  const { build, report, home = tandemHome(), system = `${platform}-${arch}` } = options
  const folder = tensorflowFolder(build, home)
  if (hasTensorflow(build, home)) return { folder, already: true }
  const parts = engineParts(system, build)
  if (!parts) throw unsupported(system, build)

  const work = `${folder}.work-${process.pid}`
  const wheelFolder = join(dirname(folder), 'wheels')
  try {
    await mkdir(work, { recursive: true })
    await removeAbandoned(dirname(folder), basename(folder))
    await fill(work, wheelFolder, parts, options)
    options.signal?.throwIfAborted()
    await rm(folder, { recursive: true, force: true })
    await rename(work, folder)
  } catch (error) {
    await rm(work, { recursive: true, force: true })
    throw explain(error, options.signal)
  }
  await rm(wheelFolder, { recursive: true, force: true })
  report(`TensorFlow ${tensorflowVersion} is in ${folder}`)
  return { folder, already: false }
}

async function fill(work: string, wheelFolder: string, parts: EngineParts, options: InstallOptions): Promise<void> {
  const { build, report, verify = verifyFolder, run: runAny = runCommand, signal } = options
  const run: RunCommand = (command, parameters, more) => {
    signal?.throwIfAborted()
    return runAny(command, parameters, { ...more, ...(signal ? { signal } : {}) })
  }
  const headers = findNodeHeaders()
  const python = await findPython(run)
  const compiler = await findCompiler(run)
  await checkSpace(work, parts, options.freeMegabytes ?? readFreeMegabytes)
  report(
    `Bringing TensorFlow ${tensorflowVersion} (${build}): about ${parts.downloadMegabytes} MB to fetch, up to ` +
      `${parts.diskMegabytes} MB of disk, in ${dirname(work)}`,
  )
  for (const wheel of parts.wheels) {
    report(`Fetching ${wheel.file}`)
    const file = await fetchWheel(wheel, { python, wheelFolder, work, run })
    report(`Unpacking ${wheel.file}`)
    await unpackWheel(file, { python, work, run })
  }
  report('Compiling the binding')
  await compileBinding(work, { compiler, headers, run })
  report('Verifying')
  const result = await verify(work)
  if (!result.ok) {
    throw new AppError('engine-unavailable', `The engine that was built here does not work: ${result.reason}.`, {
      hint: 'Nothing was installed; the embedded engine still works.',
    })
  }
  await rm(join(work, 'tensorflow', 'include'), { recursive: true, force: true })
  await rm(join(work, 'temporary'), { recursive: true, force: true })
  await writeFile(
    manifestPath(work),
    JSON.stringify({ tensorflow: tensorflowVersion, build, wheels: parts.wheels }, null, 2),
  )
}

function verifyFolder(folder: string): Promise<ProbeResult> {
  return probeInChild({ kind: 'tensorflow', threads: 2, folder })
}

/** Work folders of attempts that were killed. */
async function removeAbandoned(parent: string, name: string): Promise<void> {
  for (const entry of await readdir(parent)) {
    const owner = entry.startsWith(`${name}.work-`) ? Number(entry.slice(`${name}.work-`.length)) : process.pid
    if (owner !== process.pid && !isAlive(owner)) await rm(join(parent, entry), { recursive: true, force: true })
  }
}

function isAlive(processId: number): boolean {
  try {
    process.kill(processId, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

async function checkSpace(
  folder: string,
  parts: EngineParts,
  readFree: (folder: string) => Promise<number>,
): Promise<void> {
  const free = await readFree(folder)
  if (free < parts.diskMegabytes) {
    throw new AppError(
      'storage-failed',
      `TensorFlow needs ${parts.diskMegabytes} MB of free disk at ${dirname(folder)}; there are ${Math.floor(free)} MB.`,
      { hint: 'Free some space, or set TANDEM_HOME to a folder on a larger disk.' },
    )
  }
}

async function readFreeMegabytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder)
  return (bavail * bsize) / 1e6
}

function unsupported(system: string, build: TensorflowBuild): AppError {
  return new AppError(
    'engine-unavailable',
    `TensorFlow cannot be brought to this system (${system}, ${build}): it can on Linux (x64, arm64) and on macOS with Apple silicon, ` +
      'and for an NVIDIA GPU on Linux x64.',
    { hint: 'The embedded engine works here without it.' },
  )
}

function explain(error: unknown, signal: AbortSignal | undefined): unknown {
  if (signal?.aborted) return new CancelledError('The engine was not brought; nothing half-made was left behind.')
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code === 'ENOSPC' || code === 'EACCES' || code === 'EROFS' || code === 'EPERM' || code === 'EDQUOT') {
    return new AppError('storage-failed', `The engine's folder cannot be written: ${(error as Error).message}`, {
      hint: 'Set TANDEM_HOME to a folder where you may write.',
      cause: error,
    })
  }
  return error
}

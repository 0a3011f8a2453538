/** Studios on real files for tests of what goes wrong with disks, files and processes; and a way to wait for what they tell. */
import { execFileSync } from 'node:child_process'
import { hash } from 'node:crypto'
import {
  closeSync,
  copyFileSync,
  existsSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { EventName, Events } from '../../../contract/events.ts'
import type { Id, JobEnding } from '../../../domain/records.ts'
import { openStore, type ProjectStore } from '../../../storage/project/store.ts'
import { connect } from '../../../storage/sqlite/connection.ts'
import { openLibrary } from '../../../storage/sqlite/library.ts'
import { createProjectFile, openProjectFile } from '../../../storage/sqlite/projectFile.ts'
import { addPictures, addRun, tinyRecipes } from '../../computing/process/trainTesting.ts'
import type { ProcessPort } from '../../../contract/port.ts'
import { createStudio } from '../createStudio.ts'
import { openSettings } from '../settings.ts'
import type { Studio } from '../studio.ts'

export type Told = { readonly [E in EventName]: { readonly name: E; readonly payload: Events[E] } }[EventName]

export interface WatchedStudio {
  readonly studio: Studio
  readonly told: Told[]
  heard<E extends EventName>(name: E): Events[E][]
  /** Waits for what is told, never for time. */
  until(isSo: () => boolean): Promise<void>
  ending(jobId: Id): Promise<JobEnding>
  /** Every ending that was told of this job. */
  endings(jobId: Id): JobEnding[]
}

/** Real files all the same, and nobody waits for a disk that others keep busy. */
const place = existsSync('/dev/shm') ? '/dev/shm' : tmpdir()

/** A folder that goes with the test. */
export function makeFolder(): string {
  const folder = mkdtempSync(join(place, 'tandem-faults-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** @param spawn the computing process @param dataFolder an earlier one, to go on there */
export async function watchStudio(
  spawn: () => ProcessPort,
  dataFolder: string = join(makeFolder(), 'data'),
): Promise<WatchedStudio> {
  const library = openLibrary(dataFolder)
  openSettings(library).change({ engine: 'wasm', threads: 1 })
  library.close()
  const told: Told[] = []
  const projectsFolder = join(dataFolder, '..', 'projects')
  const studio = await createStudio({ host: 'command-line', dataFolder, projectsFolder, spawn })
  onTestFinished(() => studio.close())
  studio.listen((name, payload) => told.push({ name, payload } as Told))
  const heard = <E extends EventName>(name: E) =>
    told.filter((each) => each.name === name).map(({ payload }) => payload as Events[E])
  const endings = (jobId: Id) =>
    heard('job:changed').flatMap(({ job: { id, state } }) =>
      id === jobId && state.kind === 'ended' ? [state.ending] : [],
    )
  async function until(isSo: () => boolean): Promise<void> {
    if (isSo()) return
    const so: PromiseWithResolvers<void> = Promise.withResolvers()
    const leave = studio.listen(() => isSo() && so.resolve())
    await so.promise
    leave()
  }
  return {
    ...{ studio, told, heard, until, endings },
    async ending(jobId) {
      await until(() => endings(jobId).length > 0)
      return endings(jobId)[0]
    },
  }
}

export interface Training {
  readonly path: string
  readonly runId: Id
  readonly dataSetId: Id
}

/** A closed project with a few pictures and a run that has not begun: the smallest networks, a step takes milliseconds. */
export async function makeTraining(folder: string, steps = 1_000_000, name = 'Pots'): Promise<Training> {
  const path = join(folder, `${name}.tandem`)
  const store = openStore(createProjectFile(path, { name }))
  const dataSetId = await addPictures(store, 'class')
  const { id: runId } = addRun(store, dataSetId, { ...tinyRecipes.class, length: { steps } })
  store.file.close()
  return { path, runId, dataSetId }
}

/** Asks a training for one checkpoint after the other, until it cannot go on. */
export async function saveUntilItEnds({ studio, heard, until, endings }: WatchedStudio, jobId: Id): Promise<void> {
  while (endings(jobId).length === 0) {
    const before = heard('checkpoint:saved').length
    await studio.request('training:checkpoint', { jobId })
    await until(() => heard('checkpoint:saved').length > before || endings(jobId).length > 0)
  }
}

/** Looks into a project that may be open elsewhere. */
export function lookInto<T>(path: string, look: (store: ProjectStore) => T): T {
  const file = openProjectFile(path, { access: 'read' })
  try {
    return look(openStore(file))
  } finally {
    file.close()
  }
}

/** Makes the holder of a project look as if it had been silent for long. The log stays as it is: this connection is not the last one. */
export function silenceHolder(path: string): void {
  const db = connect(path, 'write')
  db.exec("UPDATE lock SET heartbeat_at = '2001-01-01T00:00:00.000Z'")
  db.close()
}

/** The files of an open project as a crash at this instant would leave them, in a new folder. Its holder lives, so silence it before. */
export function copyAsCrashed(path: string, suffixes: readonly string[] = ['', '-wal']): string {
  const copy = join(makeFolder(), 'Crashed.tandem')
  for (const suffix of suffixes) copyFileSync(path + suffix, copy + suffix)
  return copy
}

/** Flips all bits of one byte. */
export function flipByte(path: string, position: number): void {
  const file = openSync(path, 'r+')
  writeSync(file, Buffer.from([readFileSync(path)[position] ^ 0xff]), 0, 1, position)
  closeSync(file)
}

/** Where the first page of a table begins in the file. */
export function pageOf(path: string, table: string): number {
  return lookInto(path, ({ file: { db } }) => {
    const root = db.prepare<[string], number>('SELECT rootpage FROM sqlite_schema WHERE name = ?').pluck().get(table)
    return ((root ?? 0) - 1) * Number(db.pragma('page_size', { simple: true }))
  })
}

/** Names and digests of everything in a folder, to compare with later. */
export function photograph(folder: string): Map<string, string> {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    statSync(join(folder, name)).isFile(),
  )
  return new Map(files.sort().map((name) => [name, hash('sha256', readFileSync(join(folder, name)))]))
}

export interface SmallDisk {
  readonly folder: string
  /** Until nothing more goes onto it. */
  fill(): void
  free(): void
  /** Nothing on it may be written any more. */
  forbidWriting(): void
  /** As a cable that is pulled; what is open stays open. */
  pull(): void
}

/** A file system of a few megabytes in memory; undefined, with one printed line, where none can be mounted. */
export function mountSmallDisk(megabytes: number): SmallDisk | undefined {
  const folder = makeFolder()
  const mount = (...options: string[]) => execFileSync('mount', [...options, folder], { stdio: 'pipe' })
  try {
    mount('-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs')
  } catch (error) {
    process.stdout.write(`not run, no file system can be mounted here: ${String(error).split('\n')[1] ?? ''}\n`)
    return undefined
  }
  let mounted = true
  const pull = () => {
    if (mounted) execFileSync('umount', ['--lazy', folder])
    mounted = false
  }
  onTestFinished(pull)
  const ballast = join(folder, 'ballast')
  return {
    folder,
    fill() {
      for (const bytes of [65_536, 4096, 1]) appendUntilFull(ballast, Buffer.alloc(bytes))
    },
    free: () => rmSync(ballast, { force: true }),
    forbidWriting: () => mount('-o', 'remount,ro'),
    pull,
  }
}

function appendUntilFull(file: string, bytes: Uint8Array): void {
  try {
    for (;;) writeFileSync(file, bytes, { flag: 'a' })
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'ENOSPC') throw error
  }
}

/** Projects, folders and processes for the tests of this room. */
import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, openSync, closeSync, readSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { createProjectFile, openProjectFile } from './projectFile.ts'
import type { ProjectAccess, ProjectFile, ProjectFileOptions } from './projectFile.ts'

/** A new folder that goes with the test. */
export function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'tandem-sqlite-'))
  // Tests that give up their rights still have to get in.
  chmodSync(folder, 0o777)
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** A closed project in a folder of its own. */
export function makeProject(): string {
  const path = join(makeFolder(), 'Shoes.tandem')
  createProjectFile(path, { name: 'Shoes' }).close()
  return path
}

/** A new project, closed with the test. */
export function create(path: string): ProjectFile {
  const file = createProjectFile(path, { name: 'Shoes' })
  onTestFinished(() => file.close())
  return file
}

export function open(path: string, access: ProjectAccess, options: ProjectFileOptions = {}): ProjectFile {
  const file = openProjectFile(path, { access, ...options })
  onTestFinished(() => file.close())
  return file
}

export function nameIn(file: ProjectFile): unknown {
  return file.db.prepare('SELECT name FROM project').pluck().get()
}

/** @returns how many rows were changed */
export function rename(file: ProjectFile, name: string): number {
  return file.write(() => file.db.prepare('UPDATE project SET name = ?').run(name).changes)
}

export function putContent(file: ProjectFile, bytes: Uint8Array): string {
  const hash = createHash('sha256').update(bytes).digest('hex')
  file.write(() =>
    file.db
      .prepare("INSERT OR IGNORE INTO content (hash, kind, size, data) VALUES (?, 'picture', ?, ?)")
      .run(hash, bytes.byteLength, bytes),
  )
  return hash
}

/** A run with as many metric points, notes and results, each result with a picture of its own. */
export function fillProject(file: ProjectFile, count: number, pictureBytes = 3000): void {
  const { db } = file
  const at = '2025-01-01T00:00:00.000Z'
  file.write(() => {
    db.prepare(
      "INSERT INTO run (id, name, recipe, seed, program, created_at) VALUES ('r', 'Run', '{}', 1, '1', ?)",
    ).run(at)
    const metric = db.prepare("INSERT INTO metric (run_id, step, elapsed_ms, gap) VALUES ('r', ?, ?, ?)")
    const note = db.prepare("INSERT INTO run_note (run_id, step, at, kind, message) VALUES ('r', ?, ?, 'scored', ?)")
    const result = db.prepare(
      `INSERT INTO result (id, title, folded_title, picture, width, height, provenance, created_at)
      VALUES (?, ?, ?, ?, 8, 8, '{}', ?)`,
    )
    for (let number = 0; number < count; number++) {
      metric.run(number, number * 10, number / 7)
      note.run(number, at, `note ${number} ${'x'.repeat(200)}`)
      result.run(
        `result-${number}`,
        `Result ${number}`,
        `result ${number}`,
        putContent(file, randomBytes(pictureBytes)),
        at,
      )
    }
  })
}

/** Runs the work without the rights of an administrator, whom read-only files do not stop. */
export function asOrdinaryUser<T>(work: () => T): T {
  if (process.geteuid?.() !== 0) return work()
  process.seteuid?.(65534)
  try {
    return work()
  } finally {
    process.seteuid?.(0)
  }
}

export function overwriteBytes(path: string, position: number, bytes: Uint8Array): void {
  const file = openSync(path, 'r+')
  writeSync(file, bytes, 0, bytes.length, position)
  closeSync(file)
}

export function flipByte(path: string, position: number): void {
  const file = openSync(path, 'r+')
  const byte = Buffer.alloc(1)
  readSync(file, byte, 0, 1, position)
  byte[0] = byte[0]! ^ 0xff
  writeSync(file, byte, 0, 1, position)
  closeSync(file)
}

/** Another process that opens the project for writing and then does as it is told; see testHolder.ts. */
export async function startHolder(
  path: string,
): Promise<{ child: ChildProcess; ask: (what: string) => Promise<unknown> }> {
  const child = fork(join(import.meta.dirname, 'testHolder.ts'), [path], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const [answer] = await once(child, 'message')
  if (answer !== 'open') throw new Error(`the other process says: ${String(answer)}`)
  return {
    child,
    ask: async (what) => {
      child.send(what)
      return (await once(child, 'message'))[0]
    },
  }
}

/** A disk that is really full: a file system of a few megabytes in memory, where this process may mount one. */
import { execFileSync } from 'node:child_process'
import { readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { exportProjectFile } from './exportFile.ts'
import { importProjectFile } from './importFile.ts'
import { createProjectFile, openProjectFile } from './projectFile.ts'
import { salvageProjectFile } from './salvage.ts'
import { fillProject, makeFolder } from './testing.ts'

const full = expect.objectContaining({ problem: 'full' })

function mountSmallDisk(megabytes: number): string | undefined {
  const disk = makeFolder()
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', disk], { stdio: 'pipe' })
  } catch (error) {
    process.stdout.write(`not run, no file system can be mounted here: ${String(error).split('\n')[1] ?? ''}\n`)
    return undefined
  }
  onTestFinished(() => void execFileSync('umount', ['--lazy', disk]))
  return disk
}

describe('a disk that is full', () => {
  it('costs the last change and nothing else', () => {
    const disk = mountSmallDisk(3)
    if (disk === undefined) return
    const file = createProjectFile(join(disk, 'Shoes.tandem'), { name: 'Shoes' })
    fillProject(file, 20)
    writeFileSync(join(disk, 'ballast'), Buffer.alloc(400_000))
    const note = file.db.prepare(
      "INSERT INTO run_note (run_id, step, at, kind, message) VALUES ('r', 1, '', 'ended', ?)",
    )
    let saved = 0
    expect(() => {
      for (; saved < 1000; saved++) file.write(() => note.run('x'.repeat(20_000)))
    }).toThrow(full)
    expect(saved).toBeGreaterThan(5)
    const count = () => file.db.prepare("SELECT count(*) FROM run_note WHERE kind = 'ended'").pluck().get()
    expect(count()).toBe(saved)
    file.close()
    rmSync(join(disk, 'ballast'))
    const again = openProjectFile(join(disk, 'Shoes.tandem'), { access: 'write' })
    onTestFinished(() => again.close())
    expect(again.db.prepare("SELECT count(*) FROM run_note WHERE kind = 'ended'").pluck().get()).toBe(saved)
    expect(again.db.pragma('integrity_check', { simple: true })).toBe('ok')
    again.write(() => again.db.exec("DELETE FROM run_note WHERE kind = 'ended'"))
  })

  it('leaves nothing half made of a new project, an export, an import or a salvage', async () => {
    const disk = mountSmallDisk(1)
    if (disk === undefined) return
    const source = join(makeFolder(), 'Shoes.tandem')
    const file = createProjectFile(source, { name: 'Shoes' })
    onTestFinished(() => file.close())
    fillProject(file, 500)
    const copy = join(makeFolder(), 'Copy.tandem')
    exportProjectFile(file, copy)
    expect(() => exportProjectFile(file, join(disk, 'Export.tandem'))).toThrow(full)
    await expect(importProjectFile(copy, join(disk, 'Import.tandem'), { name: 'Import' })).rejects.toEqual(full)
    await expect(salvageProjectFile(copy, join(disk, 'Salvage.tandem'))).rejects.toEqual(full)
    expect(readdirSync(disk)).toEqual([])
    writeFileSync(join(disk, 'ballast'), Buffer.alloc(900_000))
    expect(() => createProjectFile(join(disk, 'New.tandem'), { name: 'New' })).toThrow(full)
    expect(readdirSync(disk)).toEqual(['ballast'])
  })
})

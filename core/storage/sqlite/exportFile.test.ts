import { chmodSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { removeUnused, withoutPersonal } from '../project/strip.ts'
import { exportProjectFile } from './exportFile.ts'
import { createProjectFile, openProjectFile } from './projectFile.ts'
import type { ProjectFile } from './projectFile.ts'
import { asOrdinaryUser, fillProject, makeFolder } from './testing.ts'

function makeProject(folder = makeFolder()): ProjectFile {
  const file = createProjectFile(join(folder, 'Shoes.tandem'), { name: 'Shoes', program: 'a very special program' })
  onTestFinished(() => file.close())
  fillProject(file, 30)
  return file
}

const count = (file: ProjectFile, table: string) => file.db.prepare(`SELECT count(*) FROM ${table}`).pluck().get()

describe('export', () => {
  it('makes one sound file that is nobody’s, while the project stays open', () => {
    const file = makeProject()
    const folder = makeFolder()
    const target = join(folder, 'Copy.tandem')
    const { sizeBytes } = exportProjectFile(file, target)
    expect(readdirSync(folder)).toEqual(['Copy.tandem'])
    const bytes = readFileSync(target)
    expect(bytes.length).toBe(sizeBytes)
    for (const secret of [file.holder!, 'a very special program']) expect(bytes.includes(secret)).toBe(false)
    const copy = openProjectFile(target, { access: 'write' })
    onTestFinished(() => copy.close())
    expect(copy.db.pragma('integrity_check', { simple: true })).toBe('ok')
    expect(copy.db.pragma('auto_vacuum', { simple: true })).toBe(2)
    expect(count(copy, 'result')).toBe(30)
    expect(file.write(() => file.db.prepare("UPDATE project SET name = 'Boots'").run().changes)).toBe(1)
  })

  it('takes out what is asked, down to the bytes', () => {
    const file = makeProject()
    file.write(() =>
      file.db
        .exec(`INSERT INTO data_set (id, name, kind, layout, description, labels, channels, natural_width, natural_height, keeping, source, created_at)
        VALUES ('d', 'Set', 'photo', 'folder', '', '[]', 3, 8, 8, 'inside', '/home/somebody/private', '')`),
    )
    const target = join(makeFolder(), 'Copy.tandem')
    exportProjectFile(file, target)
    expect(readFileSync(target).includes('/home/somebody/private')).toBe(true)
    const whole = readFileSync(target).length
    exportProjectFile(file, target, {
      overwrite: true,
      strip: [withoutPersonal, (db) => db.exec('DELETE FROM result'), removeUnused],
    })
    const bytes = readFileSync(target)
    expect(bytes.includes('/home/somebody/private')).toBe(false)
    expect(bytes.length).toBeLessThan(whole - 50_000)
    const copy = openProjectFile(target, { access: 'read' })
    onTestFinished(() => copy.close())
    expect([count(copy, 'data_set'), count(copy, 'result'), count(copy, 'content')]).toEqual([1, 0, 0])
    expect([count(file, 'result'), count(file, 'content')]).toEqual([30, 30])
  })

  it('overwrites nothing unasked, and nothing that is open', () => {
    const file = makeProject()
    const folder = makeFolder()
    const target = join(folder, 'Copy.tandem')
    writeFileSync(target, 'precious')
    expect(() => exportProjectFile(file, target)).toThrow(
      'There is already a Copy.tandem in that folder; it was not touched.',
    )
    expect(readFileSync(target, 'utf8')).toBe('precious')
    const other = makeProject(makeFolder())
    expect(() => exportProjectFile(file, other.path, { overwrite: true })).toThrow(
      expect.objectContaining({ problem: 'taken' }),
    )
    expect(() => exportProjectFile(file, file.path, { overwrite: true })).toThrow(RangeError)
    expect(() => exportProjectFile(file, join(folder, 'no/Copy.tandem'))).toThrow(
      expect.objectContaining({ code: 'not-found' }),
    )
    expect(readdirSync(folder)).toEqual(['Copy.tandem'])
  })

  it('leaves what was there when something goes wrong on the way', () => {
    const file = makeProject()
    const folder = makeFolder()
    const target = join(folder, 'Copy.tandem')
    writeFileSync(target, 'precious')
    const strip = [
      () => {
        throw new Error('a defect')
      },
    ]
    expect(() => exportProjectFile(file, target, { overwrite: true, strip })).toThrow('a defect')
    expect(readdirSync(folder)).toEqual(['Copy.tandem'])
    expect(readFileSync(target, 'utf8')).toBe('precious')
  })

  it('says so where the folder may not be written', () => {
    const file = makeProject()
    const folder = makeFolder()
    chmodSync(folder, 0o555)
    onTestFinished(() => chmodSync(folder, 0o777))
    asOrdinaryUser(() => {
      expect(() => exportProjectFile(file, join(folder, 'Copy.tandem'))).toThrow(
        expect.objectContaining({ problem: 'read-only' }),
      )
    })
  })

  it('rescues a project whose file was deleted while it was open', () => {
    const file = makeProject()
    rmSync(file.path)
    const target = join(makeFolder(), 'Copy.tandem')
    exportProjectFile(file, target)
    const copy = openProjectFile(target, { access: 'read' })
    onTestFinished(() => copy.close())
    expect(count(copy, 'result')).toBe(30)
  })

  it('works from a view to look only', () => {
    const file = makeProject()
    const reader = openProjectFile(file.path, { access: 'read' })
    onTestFinished(() => reader.close())
    const target = join(makeFolder(), 'Copy.tandem')
    exportProjectFile(reader, target)
    expect(readdirSync(join(target, '..'))).toEqual(['Copy.tandem'])
  })
})

import { describe, expect, it } from 'vitest'
import { countRows, createRunDraft, openTestStore } from './testing.ts'
import { writeUnflushed } from './writeUnflushed.ts'

const usual = { synchronous: 2, wal_autocheckpoint: 1000 }

describe('writeUnflushed', () => {
  const store = openTestStore()
  const { file, runs } = store
  const settings = () =>
    Object.fromEntries(Object.keys(usual).map((name) => [name, file.db.pragma(name, { simple: true })]))

  it('does not wait for the disk, and every other write does again', () => {
    expect(settings()).toEqual(usual)
    expect(writeUnflushed(file, settings)).toEqual({ synchronous: 1, wal_autocheckpoint: 250 })
    expect(settings()).toEqual(usual)
  })

  it('keeps nothing of what fails, and is as careful as ever afterwards', () => {
    const fail = () => {
      runs.insert(createRunDraft())
      throw new Error('no')
    }
    expect(() => writeUnflushed(file, fail)).toThrow('no')
    expect([countRows(store, 'run'), settings()]).toEqual([0, usual])
  })

  it('is a part of the write around it', () => {
    const outer = () =>
      file.write(() => {
        expect(writeUnflushed(file, settings)).toEqual(usual)
        writeUnflushed(file, () => runs.insert(createRunDraft()))
        throw new Error('no')
      })
    expect(outer).toThrow('no')
    expect(countRows(store, 'run')).toBe(0)
  })
})

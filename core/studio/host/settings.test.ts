import { describe, expect, it } from 'vitest'
import { defaultSettings } from '../../contract/studioTypes.ts'
import { openSettings, type SettingsPlace } from './settings.ts'

function placeOf(rows: Record<string, unknown> = {}): SettingsPlace & { rows: Record<string, unknown> } {
  return {
    rows,
    setting: (key) => rows[key],
    setSetting: (key, value) => {
      rows[key] = value
    },
  }
}

describe('the settings', () => {
  it('are the defaults until something is changed, and remember what was', () => {
    const place = placeOf()
    expect(openSettings(place).get()).toEqual(defaultSettings)
    const changed = openSettings(place).change({ theme: 'dark', engine: null, threads: 2 })
    expect(changed).toEqual({ ...defaultSettings, theme: 'dark', threads: 2 })
    expect(openSettings(place).get()).toEqual(changed)
    expect(Object.keys(place.rows).toSorted()).toEqual(['settings.engine', 'settings.theme', 'settings.threads'])
  })

  it('fall back one by one where another version wrote what this one does not know', () => {
    const place = placeOf({
      'settings.theme': 'sepia',
      'settings.threads': 1e9,
      'settings.retention': { last: 5, best: 1, everySteps: 0 },
      'settings.pages': 'text',
    })
    expect(openSettings(place).get()).toEqual({ ...defaultSettings, retention: { last: 5, best: 1, everySteps: 0 } })
  })

  it('leave what is undefined as it was', () => {
    const book = openSettings(placeOf())
    book.change({ theme: 'light' })
    expect(book.change({ theme: undefined, threads: 3 }).theme).toBe('light')
  })
})

/** The person's settings, kept in the library. What an earlier or later version wrote and this one does not understand falls back to its default. */
import { defaultSettings, settingsChange, type Settings, type SettingsChange } from '../../contract/studioTypes.ts'

/** Where they are kept. */
export interface SettingsPlace {
  setting(key: string): unknown
  setSetting(key: string, value: unknown): void
}

export interface SettingsBook {
  get(): Settings
  /** Only what is given changes. */
  change(change: SettingsChange): Settings
}

/** Together with the ones of the program's own, one row for each. */
const KEY = 'settings.'
const names = Object.keys(defaultSettings) as readonly (keyof Settings)[]

export function openSettings(place: SettingsPlace): SettingsBook {
  const read = (): Settings => ({ ...defaultSettings, ...readStored(place) })
  let current = read()
  return {
    get: () => current,
    change(change) {
      for (const name of names) if (change[name] !== undefined) place.setSetting(KEY + name, change[name])
      current = read()
      return current
    },
  }
}

function readStored(place: SettingsPlace): SettingsChange {
  return names.reduce<SettingsChange>((found, name) => {
    const parsed = settingsChange.safeParse({ [name]: place.setting(KEY + name) })
    return parsed.success && parsed.data[name] !== undefined ? { ...found, ...parsed.data } : found
  }, {})
}

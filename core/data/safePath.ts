/** Names of files from strangers (uploads, archives) as paths inside a folder of ours: safe on every system, and never the same one twice. */
const longestPath = 1000
const longestNameBytes = 200
const deepest = 20
const controlCharacters = /\p{Cc}/u
const deviceName = /^(con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])(\.|$)/i

/**
 * The name with forward slashes, without empty parts, composed (NFC); what Windows does not take in a name becomes “_”. A name that leads
 * elsewhere (absolute, a drive, “..”), has control characters or is too long is refused: a clause without full stop says why.
 */
export function toSafePath(
  name: string,
): { readonly path: string; readonly refused?: undefined } | { readonly refused: string } {
  const refuse = (why: string) => ({ refused: `the file name “${showable(name)}” ${why}` })
  const given = name.normalize('NFC').replaceAll('\\', '/')
  if (controlCharacters.test(given)) return refuse('holds control characters')
  if (given.startsWith('/') || /^[a-z]:/i.test(given)) return refuse('is no path inside a folder')
  const parts = given.split('/').filter((part) => part !== '' && part !== '.')
  if (parts.includes('..')) return refuse('leads out of its folder')
  if (parts.length === 0) return refuse('is empty')
  if (parts.length > deepest) return refuse(`lies deeper than ${deepest} folders`)
  const path = parts.map(toSafeName).join('/')
  if (path.length > longestPath || path.split('/').some((part) => Buffer.byteLength(part) > longestNameBytes))
    return refuse('is too long')
  return { path }
}

/** Paths that are taken. Upper and lower case are the same, as they are on most disks. */
export interface TakenPaths {
  readonly count: number
  /** @returns false where the path, or a folder on its way, is another file already (or it is itself a folder) */
  take(path: string): boolean
  giveBack(path: string): void
}

export function createTakenPaths(): TakenPaths {
  const files = new Set<string>()
  const folders = new Set<string>()
  return {
    get count() {
      return files.size
    },
    take(path) {
      const key = path.toLowerCase()
      const parents = [...key.matchAll(/\//g)].map(({ index }) => key.slice(0, index))
      if (files.has(key) || folders.has(key) || parents.some((parent) => files.has(parent))) return false
      files.add(key)
      for (const parent of parents) folders.add(parent)
      return true
    },
    giveBack(path) {
      files.delete(path.toLowerCase())
    },
  }
}

function toSafeName(part: string): string {
  const plain = part.replace(/[<>:"|?*]/g, '_').replace(/[. ]$/, '_')
  return deviceName.test(plain) ? `_${plain}` : plain
}

function showable(name: string): string {
  return name.replace(new RegExp(controlCharacters, 'gu'), '?').slice(0, 80)
}

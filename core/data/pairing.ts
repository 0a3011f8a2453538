/** Two folders whose files belong together by name. */
import { AppError } from '../domain/errors.ts'
import { acceptedLayouts } from './examples.ts'
import type { PictureEntry, Problem, Side } from './examples.ts'

export interface FilePair {
  readonly left: PictureEntry
  readonly right: PictureEntry
}

const conditionWords =
  /^(conditions?|inputs?|sources?|edges?|sketch(es)?|drawings?|lines?|line[-_ ]?art|labels?|label[-_ ]?maps?|masks?|seg(mentations?)?)$/i
const pictureWords = /^(pictures?|images?|photos?|targets?|outputs?|real|observed|ground[-_ ]?truth|gt)$/i

/** The two folder names, left first, when they say “pair”: A and B, or a word for conditions and one for pictures. */
export function pairNames(
  names: readonly string[],
): { names: [string, string]; condition: Side | undefined } | undefined {
  if (names.length !== 2) return undefined
  const [first, second] = names
  if (first === 'A' && second === 'B') return { names: [first, second], condition: undefined }
  if (first === 'B' && second === 'A') return { names: [second, first], condition: undefined }
  if (conditionWords.test(first) && pictureWords.test(second)) return { names: [first, second], condition: 'left' }
  if (pictureWords.test(first) && conditionWords.test(second)) return { names: [first, second], condition: 'right' }
  return undefined
}

/**
 * Pairs files with equal names (folder, extension, case and an ending _A or _B aside) and lists the rest as problems. Throws
 * AppError('bad-input') when there are not two folders or fewer than two pairs.
 */
export function pairFolders(
  groups: ReadonlyMap<string, readonly PictureEntry[]>,
  problems: Problem[],
): { names: [string, string]; pairs: FilePair[]; namedCondition: Side | undefined } {
  const found = [...groups.keys()].filter((name) => name !== '')
  const recognised = pairNames(found)
  if (found.length !== 2)
    throw new AppError(
      'bad-input',
      `Paired folders are two folders, and ${found.length} hold pictures. ${acceptedLayouts}`,
    )
  const names = recognised?.names ?? [found[0], found[1]]
  const misplaced = `it lies in neither “${names[0]}” nor “${names[1]}”`
  for (const alone of groups.get('') ?? [])
    problems.push({ file: alone.file, kind: 'misplaced', message: misplaced, pictures: { alone } })
  const lefts = byKey(groups.get(names[0]) ?? [], 'left', problems)
  const rights = byKey(groups.get(names[1]) ?? [], 'right', problems)
  const contents = new Map<string, string>()
  const pairs: FilePair[] = []
  for (const [key, left] of lefts) {
    const right = rights.get(key)
    rights.delete(key)
    if (right === undefined) {
      const message = `no file of that name in “${names[1]}”`
      problems.push({ file: left.file, kind: 'orphan', message, pictures: { left } })
      continue
    }
    const content = left.content + right.content
    const original = contents.get(content)
    const mismatch = Math.abs((left.width * right.height) / (left.height * right.width) - 1) > 0.03
    if (original !== undefined) {
      const message = `the same pair as “${original}”`
      problems.push({ file: left.file, kind: 'duplicate', message, pictures: { left, right } })
    } else if (mismatch) {
      const message = `${left.width} x ${left.height} has another shape than “${right.file}” (${right.width} x ${right.height})`
      problems.push({ file: left.file, kind: 'odd-size', message, pictures: { left, right } })
    } else pairs.push({ left, right })
    contents.set(content, original ?? left.file)
  }
  for (const right of rights.values()) {
    const message = `no file of that name in “${names[0]}”`
    problems.push({ file: right.file, kind: 'orphan', message, pictures: { right } })
  }
  if (pairs.length < 2) {
    const message = `Only ${pairs.length} of the files in “${names[0]}” and “${names[1]}” have equal names and shapes; at least two pairs are needed. ${acceptedLayouts}`
    throw new AppError('bad-input', message)
  }
  return { names, pairs, namedCondition: recognised?.condition }
}

/** Name inside the group and split -> file. */
function byKey(entries: readonly PictureEntry[], side: Side, problems: Problem[]): Map<string, PictureEntry> {
  const keyed = new Map<string, PictureEntry>()
  for (const entry of entries) {
    const stem = entry.file.slice(entry.file.lastIndexOf('/') + 1).replace(/\.[^.]*$/, '')
    const name = stem.replace(/[-_ ][AB]$/i, '').toLowerCase()
    const key = [entry.split ?? '', ...entry.groups.slice(1), name].join('/')
    if (keyed.has(key)) {
      const message = 'another file has the same name'
      problems.push({ file: entry.file, kind: 'orphan', message, pictures: { [side]: entry } })
    } else keyed.set(key, entry)
  }
  return keyed
}

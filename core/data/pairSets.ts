/** Data sets of pairs: condition and picture side by side in one file, or in two folders. */
import { join } from 'node:path'
import type { Picture } from '../domain/picture.ts'
import { guessCondition, isGrey } from './conditionGuess.ts'
import { isRatio, looksOf, usualRatio, withoutDuplicates } from './entries.ts'
import type { Opened, PictureEntry, Problem, Side } from './examples.ts'
import { pairFolders } from './pairing.ts'
import { decodePicture } from './pictureFile.ts'
import { readPair, readSideBySide } from './readExample.ts'

const samplesForGuess = 24
const sampleSize = 256

export async function openSideBySide(
  root: string,
  entries: readonly PictureEntry[],
  problems: Problem[],
  side: Side | undefined,
): Promise<Opened> {
  const ratio = usualRatio(entries)
  for (const alone of entries.filter((entry) => !isRatio(entry, ratio))) {
    const message = `${alone.width} x ${alone.height} has another shape than the other pairs`
    problems.push({ file: alone.file, kind: 'odd-size', message, pictures: { alone } })
  }
  const sound = withoutDuplicates(
    entries.filter((entry) => isRatio(entry, ratio)),
    problems,
  )
  const samples = await sampleHalves(root, sound)
  const { conditionSide, reason } = chooseSide(samples, side)
  const observedSide = conditionSide === 'left' ? 'right' : 'left'
  const looks = looksOf(sound)
  return {
    kind: 'pair',
    layout: 'side-by-side',
    recognised: `Side-by-side pairs: the ${conditionSide} half is the condition (${reason}), the ${observedSide} half the picture`,
    ...looks,
    naturalSize: { width: Math.floor(looks.naturalSize.width / 2), height: looks.naturalSize.height },
    conditionSide,
    conditionChannels: conditionChannels(samples, conditionSide),
    examples: sound.map((entry) => ({
      name: entry.file,
      content: entry.content,
      split: entry.split,
      origin: { kind: 'files', observed: entry, condition: entry },
      read: (options) => readSideBySide(join(root, entry.file), conditionSide, options),
    })),
    problems,
  }
}

export async function openPairedFolders(
  root: string,
  groups: ReadonlyMap<string, readonly PictureEntry[]>,
  problems: Problem[],
  side: Side | undefined,
): Promise<Opened> {
  const { names, pairs, namedCondition } = pairFolders(groups, problems)
  const decode = ({ file }: PictureEntry) => decodePicture(join(root, file), { size: sampleSize })
  const samples = await soundSamples(pairs, ({ left, right }) => Promise.all([decode(left), decode(right)]))
  const { conditionSide, reason } = chooseSide(samples, side, namedCondition)
  const observedSide = conditionSide === 'left' ? 'right' : 'left'
  const [conditionName, observedName] = conditionSide === 'left' ? names : names.toReversed()
  return {
    kind: 'pair',
    layout: 'paired-folders',
    recognised: `Two folders paired by file name: “${conditionName}” holds the conditions (${reason}), “${observedName}” the pictures`,
    ...looksOf(pairs.map((pair) => pair[observedSide])),
    conditionSide,
    conditionChannels: conditionChannels(samples, conditionSide),
    examples: pairs.map((pair) => ({
      name: pair[observedSide].file,
      content: pair[observedSide].content,
      condition: pair[conditionSide].content,
      split: pair[observedSide].split,
      origin: { kind: 'files', observed: pair[observedSide], condition: pair[conditionSide] },
      read: (options) => readPair(join(root, pair[observedSide].file), join(root, pair[conditionSide].file), options),
    })),
    problems,
  }
}

function chooseSide(
  samples: readonly (readonly [Picture, Picture])[],
  chosen: Side | undefined,
  named?: Side,
): { conditionSide: Side; reason: string } {
  if (chosen !== undefined) return { conditionSide: chosen, reason: 'as chosen' }
  if (named !== undefined) return { conditionSide: named, reason: 'by its name' }
  const { side, sure } = guessCondition(samples)
  return { conditionSide: side, reason: sure ? 'it looks drawn' : 'a guess: please check' }
}

function conditionChannels(samples: readonly (readonly [Picture, Picture])[], side: Side): 1 | 3 {
  return samples.every((sample) => isGrey(sample[side === 'left' ? 0 : 1])) ? 1 : 3
}

export function sampleHalves(root: string, entries: readonly PictureEntry[]): Promise<(readonly [Picture, Picture])[]> {
  return soundSamples(entries, ({ file }) =>
    Promise.all([
      decodePicture(join(root, file), { half: 'left', size: sampleSize }),
      decodePicture(join(root, file), { half: 'right', size: sampleSize }),
    ]),
  )
}

/** Evenly spread samples; those that cannot be decoded are passed over here and reported when they are first used. */
async function soundSamples<T>(
  items: readonly T[],
  decode: (item: T) => Promise<readonly [Picture, Picture]>,
): Promise<(readonly [Picture, Picture])[]> {
  const stride = Math.max(1, items.length / samplesForGuess)
  const chosen = Array.from(
    { length: Math.min(items.length, samplesForGuess) },
    (_, i) => items[Math.floor(i * stride)],
  )
  const decoded = await Promise.all(chosen.map((item) => decode(item).catch(() => undefined)))
  return decoded.filter((sample) => sample !== undefined)
}

/** Questions about a list of picture files. */
import { mostFrequent } from './examples.ts'
import type { PictureEntry, Problem } from './examples.ts'

export function withoutDuplicates(entries: readonly PictureEntry[], problems: Problem[]): PictureEntry[] {
  const first = new Map<string, string>()
  return entries.filter((entry) => {
    const { file, content } = entry
    const original = first.get(content)
    if (original === undefined) first.set(content, file)
    else {
      const message = `the same picture as “${original}”`
      problems.push({ file, kind: 'duplicate', message, pictures: { alone: entry } })
    }
    return original === undefined
  })
}

export function looksOf(entries: readonly PictureEntry[]): {
  channels: 1 | 3
  naturalSize: { width: number; height: number }
} {
  const { width, height } = mostFrequent(entries, (entry) => `${entry.width}x${entry.height}`)
  return { channels: entries.every((entry) => entry.channels === 1) ? 1 : 3, naturalSize: { width, height } }
}

export function usualRatio(entries: readonly PictureEntry[]): number {
  const ratios = entries.map(({ width, height }) => width / height).toSorted((a, b) => a - b)
  return ratios[Math.floor(ratios.length / 2)]
}

export function isRatio({ width, height }: PictureEntry, ratio: number): boolean {
  return Math.abs(width / height / ratio - 1) < 0.03
}

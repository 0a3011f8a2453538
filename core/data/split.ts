/**
 * Who is held out: decided by the content alone, so that the same picture is always on the same side, whatever it is called
 * and however often it is imported.
 */
import type { Example, Split } from './examples.ts'

const heldOutShare = 0.1
const mostHeldOut = 2000

/**
 * One side per example. The folder's own split counts where it holds something out; otherwise an example is held out when
 * its SHA-256, read as a fraction, is below a tenth: of those the smallest 2,000, and at least the very smallest.
 * Adding pictures therefore moves none, except where one of these two limits binds (fewer than some 30 or more than 20,000).
 */
export function splitExamples(examples: readonly Example[]): Split[] {
  if (examples.some((example) => example.split === 'heldOut'))
    return examples.map((example) => example.split ?? 'train')
  const fractions = examples.map((example) => Number.parseInt(example.content.slice(0, 12), 16) / 2 ** 48)
  const sorted = fractions.toSorted((a, b) => a - b)
  // At least one on either side, so the largest of all always trains.
  const last = sorted[Math.max(1, Math.min(mostHeldOut, sorted.length - 1)) - 1]
  const limit = Math.max(sorted[0], Math.min(heldOutShare, last))
  return fractions.map((fraction) => (fraction <= limit ? 'heldOut' : 'train'))
}

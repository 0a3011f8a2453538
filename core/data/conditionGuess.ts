/**
 * Which of two pictures of a pair is the condition? A drawing, an edge map or a label map has few colours and flat areas,
 * a photograph many colours and texture. Measured as their product: the effective number of colours (2 to the power of the
 * entropy in bits of a histogram of 16 x 16 x 16 colours) times the share of pixels that differ from their neighbour.
 */
import type { Picture } from '../domain/picture.ts'
import type { Side } from './examples.ts'

export interface ConditionGuess {
  readonly side: Side
  /** True when the samples agree clearly enough for their number. */
  readonly sure: boolean
}

/** A guess from RGB samples [left, right]; left (unsure) when there is none. */
export function guessCondition(samples: readonly (readonly [Picture, Picture])[]): ConditionGuess {
  const count = samples.length
  if (count === 0) return { side: 'left', sure: false }
  const logRatios = samples.map(([left, right]) => Math.log(richness(left) / richness(right)))
  const mean = logRatios.reduce((sum, value) => sum + value, 0) / count
  const deviation = Math.sqrt(logRatios.reduce((sum, value) => sum + (value - mean) ** 2, 0) / count)
  // Two standard errors beyond a factor of 1.2; halves of one photograph differ by a deviation of about 0.7.
  const sure = Math.abs(mean) - (2 * Math.max(deviation, 0.7)) / Math.sqrt(count) > Math.log(1.2)
  return { side: mean > 0 ? 'right' : 'left', sure }
}

/** Has (almost) no colour: all three channels within 12 levels on average. */
export function isGrey({ channels, data }: Picture): boolean {
  if (channels === 1) return true
  let spread = 0
  for (let i = 0; i < data.length; i += 3)
    spread += Math.max(data[i], data[i + 1], data[i + 2]) - Math.min(data[i], data[i + 1], data[i + 2])
  return spread / (data.length / 3) < 12
}

/** For RGB pictures: many colours and much texture give a large number. */
function richness({ data, width }: Picture): number {
  const counts = new Map<number, number>()
  const pixels = data.length / 3
  let rough = 0
  for (let i = 0; i < data.length; i += 3) {
    const colour = ((data[i] >> 4) << 8) | ((data[i + 1] >> 4) << 4) | (data[i + 2] >> 4)
    counts.set(colour, (counts.get(colour) ?? 0) + 1)
    if ((i / 3 + 1) % width === 0) continue
    // More than 4 levels: JPEG leaves smaller differences in flat areas too.
    if ([0, 1, 2].some((c) => Math.abs(data[i + c] - data[i + 3 + c]) > 4)) rough++
  }
  let entropy = 0
  for (const count of counts.values()) entropy -= (count / pixels) * Math.log2(count / pixels)
  return 2 ** entropy * (rough / pixels + 0.02)
}

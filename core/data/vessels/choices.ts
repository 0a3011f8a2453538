/** Random choices as the vessel recipes say them. */
import type { Random } from '../../domain/random.ts'

/** Uniform in [low, high). */
export function between(random: Random, low: number, high: number): number {
  return low + (high - low) * random.uniform()
}

/** True with the given probability. */
export function happens(random: Random, probability: number): boolean {
  return random.uniform() < probability
}

/** One of the choices, each equally likely. */
export function pick<T>(random: Random, choices: readonly T[]): T {
  return choices[random.integer(choices.length)]
}

/** 0 up to `from`, 1 beyond `to`, smooth between; falling where `to` lies below `from`. */
export function smoothStep(from: number, to: number, value: number): number {
  const t = Math.min(1, Math.max(0, (value - from) / (to - from)))
  return t * t * (3 - 2 * t)
}

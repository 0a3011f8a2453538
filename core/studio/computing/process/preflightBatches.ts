/**
 * Which batch fits: doubling from 1 to the wanted one and twice it, and where memory ends between two of them, bisection. Memory grows with the
 * batch in a straight line, so a batch is only tried where the line says that it fits.
 */
import { AppError } from '../../../domain/errors.ts'
import type { Measured, Trial } from './preflightTrial.ts'

/** Steps that are reported, and steps that only look for the largest batch. */
const THOROUGH = { steps: 8, forMs: 3000 } as const
const BRIEF = { steps: 1, forMs: 0 } as const
/** When there was no time for the wanted batch after so long, it is judged by smaller ones. */
const MOST_MS = 15_000
/** A batch above the wanted one is worth it while a picture takes at most so much longer than in the best one. */
const WORTH = 1.1
/** Bisection ends when the bounds differ by this share. */
const PRECISION = 1 / 8

export interface Exploration {
  /** The largest batch that fits, up to twice the wanted one. */
  readonly largest: number
  /** Milliseconds of each measured step with the wanted batch, or with the largest. */
  readonly steps: readonly number[]
  readonly peakBytes: number
  /** The steps were not taken but follow from smaller batches. */
  readonly guessed: boolean
  readonly diverged: boolean
}

interface Limits {
  readonly wanted: number
  /** Of the whole process. */
  readonly limitBytes: number
}

/**
 * @param tell is called before each batch that is tried
 * @param now milliseconds
 * @throws AppError misuse when not even a single picture fits
 */
export async function exploreBatches(
  trial: Trial,
  { wanted, limitBytes }: Limits,
  tell: (batch: number) => void,
  now: () => number = () => performance.now(),
): Promise<Exploration> {
  const endsAt = now() + MOST_MS
  const measured: Measured[] = []
  let diverged = false
  const hasTime = (batch: number) => !diverged && now() + 2 * timeOf(measured, batch) <= endsAt
  const fits = (batch: number) => memoryOf(measured, trial.baseBytes, batch) <= limitBytes
  /** @returns whether it fits */
  const attempt = async (batch: number): Promise<boolean> => {
    tell(batch)
    try {
      const found = await trial.measure(batch, batch === wanted ? THOROUGH : BRIEF)
      if (found.peakBytes > limitBytes) return false
      measured.push(found)
    } catch (error) {
      if (isOutOfMemory(error)) return false
      diverged = error instanceof AppError && error.code === 'diverged'
      if (!diverged || measured.length === 0) throw error
    }
    return true
  }

  if (!(await attempt(1))) throw tooLarge()
  let [low, high] = [1, 2 * wanted + 1]
  for (let next = stepUp(1, wanted); low < 2 * wanted && hasTime(next); next = stepUp(low, wanted)) {
    if (fits(next) && (await attempt(next))) low = next
    else {
      high = next
      break
    }
  }
  // Without time for more steps the line alone decides.
  if (low < wanted && wanted < high && fits(wanted)) low = wanted
  while (high - low > Math.max(1, low * PRECISION)) {
    const middle = (low + high) >> 1
    if (fits(middle) && (!hasTime(middle) || (await attempt(middle)))) low = middle
    else high = middle
  }
  return { ...conclude(measured, low, wanted, trial.baseBytes), diverged }
}

/** Doubles, but stops at the wanted batch on the way. */
function stepUp(batch: number, wanted: number): number {
  return batch < wanted ? Math.min(2 * batch, wanted) : Math.min(2 * batch, 2 * wanted)
}

function conclude(measured: readonly Measured[], low: number, wanted: number, baseBytes: number) {
  const largest = low <= wanted ? low : worthwhile(measured, low, wanted)
  const reported = Math.min(largest, wanted)
  const taken = measured.find(({ batch }) => batch === reported)
  if (taken) return { largest, steps: taken.steps, peakBytes: taken.peakBytes, guessed: false }
  return {
    largest,
    steps: [timeOf(measured, reported)],
    peakBytes: memoryOf(measured, baseBytes, reported),
    guessed: true,
  }
}

function worthwhile(measured: readonly Measured[], low: number, wanted: number): number {
  const tried = measured.filter(({ batch }) => batch <= low)
  const perPicture = ({ batch, steps }: Measured) => Math.min(...steps) / batch
  const best = Math.min(...tried.map(perPicture))
  const worth = tried.filter((each) => each.batch > wanted && perPicture(each) <= WORTH * best)
  return Math.max(wanted, ...worth.map(({ batch }) => batch))
}

/** Milliseconds of a step, in proportion to the nearest batch below. */
function timeOf(measured: readonly Measured[], batch: number): number {
  const { batch: known, steps } = largestOf(measured)
  return (Math.min(...steps) * batch) / known
}

/** The line through the two largest batches that were tried. */
function memoryOf(measured: readonly Measured[], baseBytes: number, batch: number): number {
  const last = largestOf(measured)
  const before = largestOf(measured.filter((each) => each !== last)) ?? { batch: 0, peakBytes: baseBytes }
  const slope = Math.max(0, last.peakBytes - before.peakBytes) / (last.batch - before.batch)
  return last.peakBytes + slope * Math.max(0, batch - last.batch)
}

function largestOf(measured: readonly Measured[]): Measured {
  return measured.reduce((largest, each) => (each.batch > largest.batch ? each : largest), measured[0])
}

/** Engines say it in their own words. */
function isOutOfMemory(error: unknown): boolean {
  return error instanceof Error && !(error instanceof AppError) && /memory|alloc|OOM|exhausted/i.test(error.message)
}

function tooLarge(): AppError {
  return new AppError('misuse', 'Not even a single picture at a time fits into the memory of this machine.', {
    hint: 'Choose a smaller size or another recipe, or close other programs.',
  })
}

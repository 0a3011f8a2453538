/** One model that takes real steps with batches of any size, and is thrown away: what each takes in time and memory. */
import { Trainer } from '../../../compute/trainer.ts'
import { batchesOf, type Reading } from '../../readExamples.ts'

export interface Measured {
  readonly batch: number
  /** Of each step after the warm-up, without the time given to others. */
  readonly steps: readonly number[]
  /** Of the whole process while it took them. */
  readonly peakBytes: number
}

export interface Trial {
  /** Of the whole process with the weights, before the first step. */
  readonly baseBytes: number
  /** @param atMost a step of warm-up, then at least one and at most so many steps or milliseconds */
  measure(batch: number, atMost: { readonly steps: number; readonly forMs: number }): Promise<Measured>
  dispose(): void
}

/** @param pause between two Langevin steps; what it throws ends the measurement */
export function createTrial(reading: Reading & { readonly seed: number }, pause: () => Promise<void>): Trial {
  const { recipe, data, seed } = reading
  // Cooperative steps only, however long the run is meant to be.
  const learning = { ...recipe.learning, prelude: { ...recipe.learning.prelude, share: 0 } }
  const dry = { ...recipe, learning, length: { steps: 1_000_000 } }
  const withBatch = (batch: number) =>
    batchesOf({ ...reading, recipe: { ...dry, learning: { ...learning, batch } }, seed })
  let batches = withBatch(1)
  let givenAwayMs = 0
  let sampledBytes = 0
  const sample = () => (sampledBytes = Math.max(sampledBytes, process.memoryUsage.rss()))
  const trainer = new Trainer({
    recipe: dry,
    seed,
    pictures: data.count.train,
    batches: { read: (step) => batches.read(step) },
    async pause() {
      sample()
      const started = performance.now()
      await pause()
      givenAwayMs += performance.now() - started
    },
  })
  const baseBytes = process.memoryUsage.rss()
  const takeStep = async () => {
    const started = performance.now() - givenAwayMs
    await trainer.step()
    sample()
    return performance.now() - givenAwayMs - started
  }
  return {
    baseBytes,
    async measure(batch, { steps: most, forMs }) {
      batches = withBatch(batch)
      sampledBytes = 0
      const before = peakOfProcess()
      await takeStep()
      const steps: number[] = []
      do steps.push(await takeStep())
      while (steps.length < most && steps.reduce((sum, ms) => sum + ms, 0) < forMs)
      const after = peakOfProcess()
      // Between two looks memory may have been higher: the process's own peak tells where it was reached just now.
      return { batch, steps, peakBytes: after > before ? after : sampledBytes }
    },
    dispose: () => trainer.dispose(),
  }
}

/** resourceUsage() counts in kilobytes of 1024 bytes. */
function peakOfProcess(): number {
  return process.resourceUsage().maxRSS * 1024
}

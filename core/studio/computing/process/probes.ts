/**
 * Probe pictures: the same few held-out examples drawn again and again while a run learns, kept as strips that a page puts above each other.
 * Often at first, then in step with what is learned: sixteen times in every doubling of the steps, and never for more than a small share of the time.
 */
import { hide } from '../../../compute/drawingSheet.ts'
import { drawSamples } from '../../../compute/evaluation/drawSamples.ts'
import { createTurn } from '../../../compute/evaluation/turn.ts'
import type { Trainer } from '../../../compute/trainer.ts'
import { loadExamples } from '../../../data/batches.ts'
import { encodePng } from '../../../data/pictureFile.ts'
import { type Batch, type Picture, pictureAt, type Pictures } from '../../../domain/picture.ts'
import type { Id } from '../../../domain/records.ts'
import { exampleOptions, type Reading } from '../../readExamples.ts'
import type { ProcessContext } from './context.ts'

const EXAMPLES = 8
const SEED = 7
const MOST_SHARE = 0.03
/** Time that probes may take before their share counts, so that the first minute shows something. */
const HEAD_START_MS = 2000
const PER_DOUBLING = 16

/** 0 .. 32, then every 2nd, from 64 on every 4th ... */
export function isProbeStep(step: number): boolean {
  return step % 2 ** Math.max(0, Math.floor(Math.log2(Math.max(1, step) / PER_DOUBLING))) === 0
}

export interface Probing {
  /** Draws and keeps a probe where it is time for one. Changes nothing of the run. */
  between(trainer: Trainer, pause: () => Promise<void>): Promise<void>
}

/** @param now milliseconds */
export async function createProbing(
  { store, tell }: Pick<ProcessContext, 'store' | 'tell'>,
  runId: Id,
  { recipe, data, conditionFromPhoto }: Reading,
  now: () => number = () => performance.now(),
): Promise<Probing> {
  const options = { ...exampleOptions(recipe, conditionFromPhoto), split: 'heldOut', count: EXAMPLES } as const
  const examples = await loadExamples(data, options)
  if (store.probes.targets(runId) === undefined) store.probes.setTargets(runId, await encodeTargets(examples))
  const startedAt = now()
  let [spentMs, lastMs] = [0, 0]
  let drawnAt: number | undefined
  const isDue = ({ position: { step }, progress }: Trainer) => {
    if (step === drawnAt) return false
    // Whatever it costs, the first and the last one are what people look at.
    if (drawnAt === undefined || progress >= 1) return true
    return isProbeStep(step) && spentMs + lastMs <= HEAD_START_MS + MOST_SHARE * (now() - startedAt)
  }
  return {
    async between(trainer, pause) {
      if (!isDue(trainer)) return
      const { step } = trainer.position
      const began = now()
      const drawn = await drawSamples(trainer.model, examples, { seed: SEED, twice: false }, createTurn({ pause }))
      const [initial, refined] = await Promise.all([encodeStrip(drawn.initial), encodeStrip(drawn.refined)])
      tell({ kind: 'probed', runId, probe: store.probes.insert(runId, { step, initial, refined }) })
      drawnAt = step
      lastMs = now() - began
      spentMs += lastMs
    },
  }
}

async function encodeTargets({ observed, condition, mask }: Batch) {
  const given = condition ?? (mask && hide(observed, mask))
  return { observed: await encodeStrip(observed), condition: given ? await encodeStrip(given) : null }
}

function encodeStrip(pictures: Pictures): Promise<Uint8Array> {
  return encodePng(joinInRow(Array.from({ length: pictures.count }, (_, index) => pictureAt(pictures, index))))
}

/** Side by side without anything between them. */
function joinInRow(pictures: readonly Picture[]): Picture {
  const { width, height, channels } = pictures[0]
  const row = width * channels
  const data = new Uint8Array(pictures.length * row * height)
  for (const [index, picture] of pictures.entries())
    for (let y = 0; y < height; y++)
      data.set(picture.data.subarray(y * row, (y + 1) * row), (y * pictures.length + index) * row)
  return { width: pictures.length * width, height, channels, data }
}

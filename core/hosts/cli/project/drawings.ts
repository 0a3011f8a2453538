/** The five drawings with a run of a project: the same orders, rows and names as with a model file (core/studio/drawing.ts). */
import { basename } from 'node:path'
import type { DrawCondition } from '../../../contract/drawOrders.ts'
import { stackPictures } from '../../../domain/picture.ts'
import type {
  borrowStyle,
  Drawn,
  inpaintPicture,
  interpolateSketches,
  LabelOrder,
  translatePictures,
} from '../../../studio/drawing.ts'
import { blendOf, type LabelMix, mixOf, nameMix, sharesOf, wayOf } from '../../../studio/labels.ts'
import { readMasked, readObserved, readSketch } from '../../../studio/pictureFiles.ts'
import { assertDrawable, type Desk, drawEach, drawWay, type Source, toDrawn } from './drawJobs.ts'
import { finishJob } from './jobs.ts'
import { assertAtMost, most } from './limits.ts'

/** An order for a model file, without that file. */
type OrderOf<Draw extends (order: never, signal: AbortSignal) => unknown> = Omit<Parameters<Draw>[0], 'model' | 'begin'>

export async function drawRunLabels(order: Omit<LabelOrder, 'model' | 'begin'>, desk: Desk): Promise<Drawn> {
  const steps = assertDrawable(desk.run, 'class', order)
  const { labels } = desk.run.recipe
  const { labels: chosen = labels, blend, between } = order
  const seeds = seedsFrom(order.seed, order.count)
  if (between !== undefined) {
    const way = await drawEach(desk, order, wayOf(chosen, between, labels).map(labelSource), seeds)
    const entries = seeds.flatMap((_, variation) => way.map((each) => each[variation]))
    return toDrawn(desk, { order, steps, entries })
  }
  const mixes = blend === undefined ? chosen.map((label) => mixOf(label, labels)) : [blendOf(chosen, blend, labels)]
  const drawn = await drawEach(desk, order, mixes.map(labelSource), seeds)
  return toDrawn(desk, { order, steps, entries: drawn.flat() })
}

export async function translateWithRun(order: OrderOf<typeof translatePictures>, desk: Desk): Promise<Drawn> {
  const { recipe } = desk.run
  const steps = assertDrawable(desk.run, 'picture', order)
  const sketches = await Promise.all(order.files.map((file) => readSketch(file, recipe, order.edges)))
  const sources = sketches.map((picture, at): Source => {
    return { name: basename(order.files[at]), condition: { kind: 'picture', picture } }
  })
  const drawn = await drawEach(desk, order, sources, seedsFrom(order.seed, order.count))
  const condition = stackPictures(sketches.flatMap((sketch, at) => drawn[at].map(() => sketch)))
  return toDrawn(desk, { order, steps, entries: drawn.flat(), condition })
}

export async function inpaintWithRun(order: OrderOf<typeof inpaintPicture>, desk: Desk): Promise<Drawn> {
  const steps = assertDrawable(desk.run, 'inpaint', order)
  const masked = await readMasked(order.file, order.mask, desk.run.recipe)
  const name = `${basename(order.file)}, ${basename(order.mask)}`
  const sources: Source[] = [{ name, condition: { kind: 'masked', ...masked } }]
  const [entries] = await drawEach(desk, order, sources, seedsFrom(order.seed, order.count))
  const condition = stackPictures(entries.map(() => masked.observed))
  return toDrawn(desk, { order, steps, entries, condition })
}

export async function borrowStyleWithRun(
  order: OrderOf<typeof borrowStyle>,
  desk: Desk,
): ReturnType<typeof borrowStyle> {
  const { studio, run, signal } = desk
  const { labels } = run.recipe
  const steps = assertDrawable(run, 'class', order)
  assertAtMost('--inference-steps', order.inferenceSteps, most.inferenceSteps)
  const picture = await readObserved(order.file, run.recipe)
  const job = await studio.ask('draw:infer', {
    ...{ source: { kind: 'run', runId: run.id }, picture, seed: order.seed, steps: order.inferenceSteps },
    label: order.label === undefined ? undefined : [...mixOf(order.label, labels).weights],
  })
  const { latent, weights } = await finishJob(studio, job, 'inferred', { signal })
  const sources = labels.map((label): Source => {
    const { condition } = labelSource(mixOf(label, labels))
    return {
      name: `${label}, in the style of ${basename(order.file)}`,
      condition: { ...condition, latent: [...latent] },
    }
  })
  const drawn = await drawEach(desk, order, sources, [order.seed])
  const condition = stackPictures([picture])
  return { ...(await toDrawn(desk, { order, steps, entries: drawn.flat(), condition })), latent, weights }
}

export async function interpolateWithRun(order: OrderOf<typeof interpolateSketches>, desk: Desk): Promise<Drawn> {
  const { recipe } = desk.run
  const steps = assertDrawable(desk.run, 'picture', order)
  const [from, to] = await Promise.all([order.from, order.to].map((file) => readSketch(file, recipe, order.edges)))
  const way = { ...order, from, to, shares: sharesOf(order.count) }
  const nameOf = (share: number) => nameMix(basename(order.from), basename(order.to), share)
  return toDrawn(desk, { order, steps, entries: await drawWay(desk, way, nameOf) })
}

function labelSource({ name, weights }: LabelMix) {
  return { name, condition: { kind: 'labels', weights: [...weights] } satisfies DrawCondition }
}

/** Consecutive seeds, so that picture i of a grid can be drawn again alone. */
function seedsFrom(seed: number, count: number): number[] {
  assertAtMost('--seed', seed + count - 1, most.seed)
  return Array.from({ length: count }, (_, index) => seed + index)
}

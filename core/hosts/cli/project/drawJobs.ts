/** Drawing with a run of a project: orders of any size in jobs of a bounded one, their pictures brought together again. */
import type { DrawCondition } from '../../../contract/drawOrders.ts'
import type { Events } from '../../../contract/events.ts'
import { type Picture, type Pictures, stackPictures } from '../../../domain/picture.ts'
import type { TaskKind } from '../../../domain/recipe.ts'
import type { Id, JobOutcome, RunRecord } from '../../../domain/records.ts'
import type { Drawn, DrawOrder } from '../../../studio/drawing.ts'
import { type Asker, assertGuidance, assertTask, chainLength } from '../../../studio/drawingRules.ts'
import { describeEngine } from '../../../studio/host/engines.ts'
import type { Studio } from '../../../studio/host/studio.ts'
import { finishJob, on } from './jobs.ts'
import { assertAtMost, most } from './limits.ts'

/** Of one job: a message with the condition pictures stays small. */
const MOST_CONDITIONS = 64
const MOST_SEEDS = 256

/** What a drawing takes place on. */
export interface Desk {
  readonly studio: Studio
  readonly run: RunRecord
  readonly signal: AbortSignal
  /** Counts up while it is drawn. */
  progressed(done: number, total: number): void
}

export type ChainOrder = Pick<DrawOrder, 'seed' | 'steps' | 'beyond' | 'noise' | 'guidance'>

/** One picture, and what it was drawn from. */
export interface Entry {
  readonly initial: Picture
  readonly refined: Picture
  readonly gain: number
  readonly seed: number
  readonly source: string
}

/** A condition with what it is called. */
export interface Source {
  readonly name: string
  readonly condition: DrawCondition
}

const commandFor: Readonly<Record<TaskKind, string>> = { class: 'sample', picture: 'translate', inpaint: 'inpaint' }
const hints: Asker['hints'] = {
  otherTask: (task) => `Use "tandem ${commandFor[task]}" with it.`,
  withoutGuidance: 'Leave out --guidance, or train with --set learning.labelDropout=0.1.',
  fewerSteps: (most) => `Use up to ${most} steps, or add --beyond to see for yourself.`,
}

/** @returns the Langevin steps to take @throws AppError misuse for what the run cannot draw, before anything is read or opened */
export function assertDrawable({ recipe, name }: RunRecord, task: TaskKind, order: ChainOrder): number {
  assertAtMost('--seed', order.seed, most.seed)
  assertAtMost('--steps', order.steps, most.steps)
  assertAtMost('--guidance', order.guidance, most.guidance)
  const asker = { model: `“${name}”`, hints }
  assertTask(recipe, task, asker)
  assertGuidance(recipe, order.guidance, asker)
  return chainLength(recipe, order, asker)
}

/** Every source with every seed. @returns for each source its pictures in the order of the seeds */
export async function drawEach(
  desk: Desk,
  order: ChainOrder,
  sources: readonly Source[],
  seeds: readonly number[],
): Promise<readonly (readonly Entry[])[]> {
  const { studio, run } = desk
  const drawn: Entry[][] = sources.map(() => [])
  let done = 0
  for (const [first, some] of portionsOf(sources, MOST_CONDITIONS))
    for (const [, few] of portionsOf(seeds, MOST_SEEDS)) {
      const pieces = await collect(desk, { done, total: sources.length * seeds.length }, 'drawn', () =>
        studio.ask('draw:sample', {
          ...{ source: { kind: 'run', runId: run.id }, ...chainOf(order) },
          ...{ conditions: some.map(({ condition }) => condition), seeds: few },
        }),
      )
      for (const { index, ...piece } of pieces) {
        const at = first + Math.floor(index / few.length)
        drawn[at].push({ ...piece, seed: few[index % few.length], source: sources[at].name })
      }
      done += pieces.length
    }
  return drawn
}

/** @param names what each picture on the way is called, for the share of the second sketch in it */
export async function drawWay(
  desk: Desk,
  order: ChainOrder & { readonly from: Picture; readonly to: Picture; readonly shares: readonly number[] },
  nameOf: (share: number) => string,
): Promise<readonly Entry[]> {
  const { from, to, shares, seed } = order
  const entries: Entry[] = []
  for (const [first, some] of portionsOf(shares, MOST_CONDITIONS)) {
    const pieces = await collect(desk, { done: first, total: shares.length }, 'drawn', () =>
      desk.studio.ask('draw:interpolate', {
        ...{ source: { kind: 'run', runId: desk.run.id }, ...chainOf(order) },
        ...{ from, to, shares: some, seed },
      }),
    )
    for (const { index, ...piece } of pieces) entries.push({ ...piece, seed, source: nameOf(some[index]) })
  }
  return entries
}

export interface Rows {
  readonly order: ChainOrder
  /** Langevin steps that were taken. */
  readonly steps: number
  readonly entries: readonly Entry[]
  /** What the first row of the sheet shows. */
  readonly condition?: Pictures
}

/** Rows of the sheet, as drawing with a model file gives them. */
export async function toDrawn({ studio, run }: Desk, { order, steps, entries, condition }: Rows): Promise<Drawn> {
  const engine = describeEngine((await studio.ask('studio:state', {})).engine)
  return {
    initial: stackPictures(entries.map(({ initial }) => initial)),
    refined: stackPictures(entries.map(({ refined }) => refined)),
    gain: entries.map(({ gain }) => gain),
    seeds: entries.map(({ seed }) => seed),
    sources: entries.map(({ source }) => source),
    ...{ condition, engine, recipe: run.recipe, steps, noise: order.noise, guidance: order.guidance },
  }
}

type Sampled = Omit<Events['picture:sampled'], 'jobId'>

/** One job with its pictures, in their order. */
async function collect(
  { studio, signal, progressed }: Desk,
  before: { readonly done: number; readonly total: number },
  expected: JobOutcome['kind'],
  start: () => Promise<{ readonly jobId: Id }>,
): Promise<readonly Sampled[]> {
  const heard: Events['picture:sampled'][] = []
  const deafen = on(studio, 'picture:sampled', (picture) => heard.push(picture))
  try {
    const job = await start()
    const tell = ({ done }: { readonly done: number }) => progressed(before.done + done, before.total)
    await finishJob(studio, job, expected, { signal, progressed: tell })
    return heard
      .filter(({ jobId }) => jobId === job.jobId)
      .map(({ index, initial, refined, gain }) => ({ index, initial, refined, gain }))
      .sort((a, b) => a.index - b.index)
  } finally {
    deafen()
  }
}

function chainOf({ steps, beyond, noise, guidance }: ChainOrder): Omit<ChainOrder, 'seed'> {
  return { steps, beyond, noise, guidance }
}

/** Portions of at most `size`, each with the place of its first. */
function portionsOf<T>(items: readonly T[], size: number): (readonly [number, T[]])[] {
  const count = Math.ceil(items.length / size)
  return Array.from({ length: count }, (_, at) => [at * size, items.slice(at * size, (at + 1) * size)])
}

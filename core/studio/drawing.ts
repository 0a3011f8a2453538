/** Drawing with a trained model: labels, sketches, masked pictures, borrowed styles, blends between two sketches. */
import { basename } from 'node:path'
import { type Engine, openEngine } from '../compute/engine.ts'
import { type Drawing, type SampleCondition, Sampler } from '../compute/sampler.ts'
import { drawEdges } from '../data/edges.ts'
import { readMask } from '../data/masks.ts'
import { readPicture, resizePicture } from '../data/pictureFile.ts'
import { AppError, CancelledError } from '../domain/errors.ts'
import { type Picture, type Pictures, stackPictures } from '../domain/picture.ts'
import type { Recipe } from '../domain/recipe.ts'
import { fitMask } from './fitMask.ts'
import { blendOf, mixOf } from './labels.ts'
import { loadModel, type SavedModel, weightsToSample } from './models.ts'
import type { EngineChoice } from './orders.ts'

/** Chains longer than this many times the trained length oversaturate and then break pictures (measured). */
const LONGEST = 2

export interface DrawOrder extends EngineChoice {
  /** The model file. */
  readonly model: string
  readonly seed: number
  /** Langevin steps; as trained when absent. */
  readonly steps?: number
  /** Allows more than twice the trained steps. */
  readonly beyond?: boolean
  readonly noise?: boolean
  readonly guidance?: number
  /** Called when everything is ready to draw. */
  readonly begin?: (engine: string) => void
}

/** Rows of a contact sheet and what was used, besides the pictures themselves. */
export interface Drawn extends Drawing {
  readonly condition?: Pictures
  readonly engine: string
  readonly recipe: Recipe
  readonly seeds: readonly number[]
  /** What each picture was drawn from, in words: a label, the name of a file ... */
  readonly sources: readonly string[]
  readonly steps: number
  readonly noise?: boolean
  readonly guidance?: number
}

/** Labels -> pictures: `count` variations of each label (names or numbers), or one blend of two labels when `blend` is given. */
export async function drawLabels(
  order: DrawOrder & { readonly labels?: readonly string[]; readonly count: number; readonly blend?: number },
  signal: AbortSignal,
): Promise<Drawn> {
  return withSampler(order, 'class', signal, async ({ sampler, options, pause }) => {
    const { recipe } = sampler
    const chosen = order.labels ?? recipe.labels
    const mixes =
      order.blend === undefined
        ? chosen.map((label) => mixOf(label, recipe.labels))
        : [blendOf(chosen, order.blend, recipe.labels)]
    const seeds = mixes.flatMap(() => seedsFrom(order.seed, order.count))
    const each = repeat(mixes, order.count)
    const weights = each.map((mix) => mix.weights)
    const drawing = await sampler.draw({ kind: 'labels', weights }, seeds, { ...options, pause })
    return { seeds, sources: each.map(({ name }) => name), drawing }
  })
}

/** Sketches (or whatever the model's conditions are) -> pictures; `count` variations of each file. `edges` draws the sketch from a photo first. */
export async function translatePictures(
  order: DrawOrder & { readonly files: readonly string[]; readonly count: number; readonly edges?: boolean },
  signal: AbortSignal,
): Promise<Drawn> {
  return withSampler(order, 'picture', signal, async ({ sampler, options, pause }) => {
    const sketches = await readConditions(order.files, sampler.recipe, order.edges === true)
    const seeds = order.files.flatMap(() => seedsFrom(order.seed, order.count))
    const condition = stackPictures(repeat(sketches, order.count))
    const drawing = await sampler.draw({ kind: 'pictures', pictures: condition }, seeds, { ...options, pause })
    return { seeds, sources: repeat(order.files, order.count).map((file) => basename(file)), drawing, condition }
  })
}

/** Fills the masked part of a picture, which is cut to a square and brought to the model's size; every other pixel stays as it is. */
export async function inpaintPicture(
  order: DrawOrder & { readonly file: string; readonly mask: string; readonly count: number },
  signal: AbortSignal,
): Promise<Drawn> {
  return withSampler(order, 'inpaint', signal, async ({ sampler, options, pause }) => {
    const { size, channels } = sampler.recipe
    const picture = await readPicture(order.file)
    const mask = await readMask(order.mask, picture)
    const seeds = seedsFrom(order.seed, order.count)
    const fitted = await resizePicture(picture, size, size, { channels })
    const hidden = fitMask(mask, size)
    const observed = stackPictures(seeds.map(() => fitted))
    const masks: Pictures = {
      ...stackPictures(seeds.map(() => hidden)),
      data: Float32Array.from(seeds.flatMap(() => [...hidden.data])),
    }
    const condition: SampleCondition = { kind: 'masked', observed, mask: masks }
    const sources = seeds.map(() => `${basename(order.file)}, ${basename(order.mask)}`)
    return { seeds, sources, drawing: await sampler.draw(condition, seeds, { ...options, pause }), condition: observed }
  })
}

/** Borrow a style: infers the latent of a picture, and its label where none is given, and draws every class with it (P1 4.1.4). */
export async function borrowStyle(
  order: DrawOrder & { readonly file: string; readonly label?: string; readonly inferenceSteps?: number },
  signal: AbortSignal,
): Promise<Drawn & { readonly weights: readonly number[]; readonly latent: readonly number[] }> {
  let inferred: { weights: number[]; latent: number[] } = { weights: [], latent: [] }
  const drawn = await withSampler(order, 'class', signal, async ({ sampler, options, pause }) => {
    const { recipe } = sampler
    const picture = stackPictures([
      await resizePicture(await readPicture(order.file), recipe.size, recipe.size, { channels: recipe.channels }),
    ])
    const label = order.label === undefined ? undefined : mixOf(order.label, recipe.labels).weights
    const { latents, weights } = await sampler.infer(picture, {
      seed: order.seed,
      label,
      steps: order.inferenceSteps,
      pause,
    })
    inferred = { weights: weights[0], latent: latents[0] }
    const seeds = recipe.labels.map(() => order.seed)
    const rows = recipe.labels.map((label) => mixOf(label, recipe.labels).weights)
    const drawing = await sampler.draw({ kind: 'labels', weights: rows }, seeds, {
      ...options,
      latents: rows.map(() => latents[0]),
      pause,
    })
    const sources = recipe.labels.map((label) => `${label}, in the style of ${basename(order.file)}`)
    return { seeds, sources, drawing, condition: picture }
  })
  return { ...drawn, ...inferred }
}

/** Between two sketches, with one latent (P1 4.2.3). */
export async function interpolateSketches(
  order: DrawOrder & { readonly from: string; readonly to: string; readonly count: number; readonly edges?: boolean },
  signal: AbortSignal,
): Promise<Drawn> {
  return withSampler(order, 'picture', signal, async ({ sampler, options, pause }) => {
    const [from, to] = (await readConditions([order.from, order.to], sampler.recipe, order.edges === true)).map(
      (sketch) => stackPictures([sketch]),
    )
    const shares = Array.from({ length: order.count }, (_, index) => index / Math.max(1, order.count - 1))
    const drawing = await sampler.interpolate(from, to, order.seed, shares, { ...options, pause })
    const sources = shares.map((share) => `${1 - share} ${basename(order.from)}, ${share} ${basename(order.to)}`)
    return { seeds: shares.map(() => order.seed), sources, drawing }
  })
}

interface Session {
  readonly sampler: Sampler
  readonly options: { steps?: number; noise?: boolean; guidance?: number }
  readonly pause: () => Promise<void>
}

async function withSampler(
  order: DrawOrder,
  task: Recipe['task'],
  signal: AbortSignal,
  draw: (session: Session) => Promise<Pick<Drawn, 'seeds' | 'sources' | 'condition'> & { drawing: Drawing }>,
): Promise<Drawn> {
  const saved = await loadModel(order.model)
  const { recipe } = saved.manifest
  if (recipe.task !== task)
    throw new AppError(
      'misuse',
      `${basename(order.model)} is a model for the ${recipe.task} task; this needs one for the ${task} task.`,
      { hint: `Use "tandem ${commandFor[recipe.task]}" with it.` },
    )
  if (order.guidance !== undefined && recipe.learning.labelDropout === 0)
    throw new AppError('misuse', `${basename(order.model)} was trained without label dropout, which guidance needs.`, {
      hint: 'Leave out --guidance, or train with --set learning.labelDropout=0.1.',
    })
  const steps = chainLength(order, recipe)
  const engine = await openEngine(order)
  return withEngine(engine, saved, async (sampler) => {
    const pause = async () => {
      await new Promise(setImmediate)
      if (signal.aborted) throw new CancelledError()
    }
    const { noise, guidance } = order
    const computed = `${engine.kind} ${engine.version}, ${engine.detail}`
    order.begin?.(computed)
    const { drawing, ...about } = await draw({
      sampler,
      options: { steps, noise, guidance },
      pause,
    })
    return { ...drawing, ...about, steps, noise, guidance, recipe, engine: computed }
  })
}

const commandFor: Record<Recipe['task'], string> = { class: 'sample', picture: 'translate', inpaint: 'inpaint' }

async function withEngine<T>(engine: Engine, saved: SavedModel, use: (sampler: Sampler) => Promise<T>): Promise<T> {
  const sampler = new Sampler(saved.manifest.recipe, weightsToSample(saved))
  try {
    return await use(sampler)
  } finally {
    sampler.dispose()
    engine.close()
  }
}

function chainLength({ steps, beyond }: DrawOrder, { chain }: Recipe): number {
  const wanted = steps ?? chain.steps
  if (wanted <= LONGEST * chain.steps || beyond) return wanted
  throw new AppError(
    'misuse',
    `${wanted} steps are more than twice the ${chain.steps} that the model was trained with: colours oversaturate and pictures break.`,
    {
      hint: `Use up to ${LONGEST * chain.steps} steps, or add --beyond to see for yourself.`,
    },
  )
}

/** Consecutive seeds, so that picture i of a grid can be drawn again alone. */
function seedsFrom(seed: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => seed + index)
}

/** Each item `count` times, one after the other. */
function repeat<T>(items: readonly T[], count: number): T[] {
  return items.flatMap((item) => Array.from({ length: count }, () => item))
}

async function readConditions(files: readonly string[], recipe: Recipe, edges: boolean): Promise<Picture[]> {
  const channels = recipe.initializer.kind === 'uNet' && recipe.initializer.conditionChannels === 1 ? 1 : 3
  return Promise.all(
    files.map(async (file) => {
      const picture = await readPicture(file)
      return resizePicture(edges ? await drawEdges(picture, recipe.size) : picture, recipe.size, recipe.size, {
        channels,
      })
    }),
  )
}

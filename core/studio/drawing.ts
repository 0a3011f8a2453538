/** Drawing with a trained model: labels, sketches, masked pictures, borrowed styles, ways between two labels or two sketches. */
import { basename } from 'node:path'
import type { SampleCondition } from '../compute/sampler.ts'
import { drawEdges } from '../data/edges.ts'
import { readMask } from '../data/masks.ts'
import { readPicture, resizePicture } from '../data/pictureFile.ts'
import { type Picture, stackPictures } from '../domain/picture.ts'
import type { Recipe } from '../domain/recipe.ts'
import { conditionChannels, repeatMask } from './drawingRules.ts'
import { type Drawn, type DrawOrder, drawWith } from './drawingSession.ts'
import { fitMask } from './fitMask.ts'
import { blendOf, type LabelMix, mixOf, nameMix, sharesOf, wayOf } from './labels.ts'

export type { Drawn, DrawOrder }

export interface LabelOrder extends DrawOrder {
  /** Names or numbers; all labels when absent. */
  readonly labels?: readonly string[]
  /** Variations of each label, or ways from one to the other. */
  readonly count: number
  /** One blend of two labels: 0 is the first, 1 the second. */
  readonly blend?: number
  /** So many pictures on the way from the first of two labels to the second, each way with one latent. */
  readonly between?: number
}

/** Labels -> pictures: `count` variations of each label, of one blend of two, or `count` ways between two. */
export async function drawLabels(order: LabelOrder, signal: AbortSignal): Promise<Drawn> {
  return drawWith(order, 'class', signal, ({ labels }) => {
    const drafts = draftLabels(order, labels)
    const seeds = drafts.map(({ seed }) => seed)
    const weights = drafts.map(({ mix }) => mix.weights)
    return async ({ sampler, options, pause }) => ({
      seeds,
      sources: drafts.map(({ mix }) => mix.name),
      drawing: await sampler.draw({ kind: 'labels', weights }, seeds, { ...options, pause }),
    })
  })
}

function draftLabels(order: LabelOrder, labels: readonly string[]): { mix: LabelMix; seed: number }[] {
  const { labels: chosen = labels, blend, between } = order
  const seeds = seedsFrom(order.seed, order.count)
  if (between !== undefined) {
    const way = wayOf(chosen, between, labels)
    return seeds.flatMap((seed) => way.map((mix) => ({ mix, seed })))
  }
  const mixes = blend === undefined ? chosen.map((label) => mixOf(label, labels)) : [blendOf(chosen, blend, labels)]
  return mixes.flatMap((mix) => seeds.map((seed) => ({ mix, seed })))
}

/** Sketches (or whatever the model's conditions are) -> pictures; `count` variations of each file. `edges` draws the sketch from a photo first. */
export async function translatePictures(
  order: DrawOrder & { readonly files: readonly string[]; readonly count: number; readonly edges?: boolean },
  signal: AbortSignal,
): Promise<Drawn> {
  return drawWith(order, 'picture', signal, async (recipe) => {
    const sketches = await readConditions(order.files, recipe, order.edges === true)
    const seeds = order.files.flatMap(() => seedsFrom(order.seed, order.count))
    const condition = stackPictures(repeat(sketches, order.count))
    return async ({ sampler, options, pause }) => {
      const drawing = await sampler.draw({ kind: 'pictures', pictures: condition }, seeds, { ...options, pause })
      return { seeds, sources: repeat(order.files, order.count).map((file) => basename(file)), drawing, condition }
    }
  })
}

/** Fills the masked part of a picture, which is cut to a square and brought to the model's size; every other pixel stays as it is. */
export async function inpaintPicture(
  order: DrawOrder & { readonly file: string; readonly mask: string; readonly count: number },
  signal: AbortSignal,
): Promise<Drawn> {
  return drawWith(order, 'inpaint', signal, async ({ size, channels }) => {
    const picture = await readPicture(order.file)
    const mask = await readMask(order.mask, picture)
    const seeds = seedsFrom(order.seed, order.count)
    const fitted = await resizePicture(picture, size, size, { channels })
    const hidden = fitMask(mask, size)
    const observed = stackPictures(seeds.map(() => fitted))
    const condition: SampleCondition = { kind: 'masked', observed, mask: repeatMask(hidden, seeds.length) }
    const sources = seeds.map(() => `${basename(order.file)}, ${basename(order.mask)}`)
    return async ({ sampler, options, pause }) => {
      const drawing = await sampler.draw(condition, seeds, { ...options, pause })
      return { seeds, sources, drawing, condition: observed }
    }
  })
}

/** Borrow a style: infers the latent of a picture, and its label where none is given, and draws every class with it (P1 4.1.4). */
export async function borrowStyle(
  order: DrawOrder & { readonly file: string; readonly label?: string; readonly inferenceSteps?: number },
  signal: AbortSignal,
): Promise<Drawn & { readonly weights: readonly number[]; readonly latent: readonly number[] }> {
  let inferred: { weights: readonly number[]; latent: readonly number[] } = { weights: [], latent: [] }
  const drawn = await drawWith(order, 'class', signal, async ({ size, channels, labels }) => {
    const label = order.label === undefined ? undefined : mixOf(order.label, labels).weights
    const picture = stackPictures([await resizePicture(await readPicture(order.file), size, size, { channels })])
    const seeds = labels.map(() => order.seed)
    const rows = labels.map((name) => mixOf(name, labels).weights)
    const sources = labels.map((name) => `${name}, in the style of ${basename(order.file)}`)
    return async ({ sampler, options, pause }) => {
      const { latents, weights } = await sampler.infer(picture, [order.seed], {
        label,
        steps: order.inferenceSteps,
        pause,
      })
      inferred = { weights: weights[0], latent: latents[0] }
      const borrowed = { ...options, latents: rows.map(() => latents[0]), pause }
      const drawing = await sampler.draw({ kind: 'labels', weights: rows }, seeds, borrowed)
      return { seeds, sources, drawing, condition: picture }
    }
  })
  return { ...drawn, ...inferred }
}

/** Between two sketches, with one latent (P1 4.2.3). */
export async function interpolateSketches(
  order: DrawOrder & { readonly from: string; readonly to: string; readonly count: number; readonly edges?: boolean },
  signal: AbortSignal,
): Promise<Drawn> {
  return drawWith(order, 'picture', signal, async (recipe) => {
    const sketches = await readConditions([order.from, order.to], recipe, order.edges === true)
    const [from, to] = sketches.map((sketch) => stackPictures([sketch]))
    const shares = sharesOf(order.count)
    const sources = shares.map((share) => nameMix(basename(order.from), basename(order.to), share))
    return async ({ sampler, options, pause }) => {
      const drawing = await sampler.interpolate(from, to, order.seed, shares, { ...options, pause })
      return { seeds: shares.map(() => order.seed), sources, drawing }
    }
  })
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
  const channels = conditionChannels(recipe)
  return Promise.all(
    files.map(async (file) => {
      const picture = await readPicture(file)
      return resizePicture(edges ? await drawEdges(picture, recipe.size) : picture, recipe.size, recipe.size, {
        channels,
      })
    }),
  )
}

/** Measures of picture -> picture and inpainting: likeness to the observed partner, and texture like that of real pictures. */
import type { Batch, Pictures } from '../../domain/picture.ts'
import { gradientMagnitude, psnr, ssim } from '../../evaluation/likeness.ts'
import type { Region } from '../../evaluation/region.ts'
import type { SheetRow } from '../../evaluation/sheet.ts'
import { SlicedWasserstein } from '../../evaluation/slicedWasserstein.ts'
import { slicePictures } from '../pictureStacks.ts'
import { assertDrawn, drawSamples, listSamples } from './drawSamples.ts'
import type { Evaluation, EvaluationOptions } from './evaluationOptions.ts'
import { describeModel, measureEach, type Measure, type Subject, titleOf } from './evaluationReport.ts'
import { hiddenRegion, levelSides } from './measuredRegion.ts'
import { firstExamples, firstPictures, piecesOf } from './pieces.ts'
import { createTurn, partOfTurn, type Turn } from './turn.ts'

const SAMPLES = 500
/** Numbers in one stack of pictures: 128 MiB, which is 170 pictures of 256x256. */
const MOST_NUMBERS = 2 ** 25
/** dB; where a pair of pictures is identical the ratio would be infinite. */
const HIGHEST_RATIO = 100
/** SSIM's window. */
const SSIM_SIDE = 11
/** Examples on the contact sheet. */
const SHOWN = 20

interface Compared {
  readonly subject: Subject
  readonly pictures: Pictures
}
type Measured = Compared & {
  readonly ratio: number
  /** Null where the pictures are smaller than SSIM's window. */
  readonly similarity: number | null
  /** Sliced Wasserstein distances, one for each level. */
  readonly texture: readonly number[]
  readonly gradient: number
}

export async function evaluatePictures(options: EvaluationOptions): Promise<Evaluation> {
  const { model, twice = false, seed = 0 } = options
  const { size, channels } = model.recipe
  const most = options.samples ?? Math.min(SAMPLES, Math.floor(MOST_NUMBERS / (size * size * channels)))
  if (!Number.isInteger(most) || most < 1) throw new RangeError(`samples is 1 or more, not ${most}`)
  const heldOut = firstExamples(options.heldOut, most)
  const { observed } = heldOut
  const training = firstPictures(options.training.observed, observed.count)
  const turn = createTurn(options)
  const samples = await drawSamples(model, heldOut, { seed, twice }, partOfTurn(turn, 0, 0.6))
  assertDrawn(samples)
  const subjects: Compared[] = [
    ...listSamples(samples),
    { subject: 'training', pictures: training },
    { subject: 'observed', pictures: observed },
  ]
  const region = hiddenRegion(heldOut.mask)
  const sides = levelSides(region ? Math.min(region.height, region.width) : size)
  const measured = await measureAll(subjects, observed, { region, levels: sides.length }, partOfTurn(turn, 0.6, 1))
  return {
    report: {
      ...describeModel(model, seed),
      counts: { samples: observed.count, heldOut: observed.count, training: training.count },
      measures: describeMeasures(measured, sides, describeRegion(heldOut, region)),
    },
    sheet: composeRows(heldOut, subjects),
  }
}

async function measureAll(
  subjects: readonly Compared[],
  observed: Pictures,
  { region, levels }: { readonly region: Region | undefined; readonly levels: number },
  turn: Turn,
): Promise<Measured[]> {
  const wasserstein = new SlicedWasserstein(observed, { levels, region })
  const measured: Measured[] = []
  for (const [index, subject] of subjects.entries()) {
    const { pictures } = subject
    const part = partOfTurn(turn, index / subjects.length, (index + 1) / subjects.length)
    const likeness = await measureLikeness(pictures, firstPictures(observed, pictures.count), region, part)
    const texture = wasserstein.measure(pictures)
    measured.push({ ...subject, ...likeness, texture, gradient: gradientMagnitude(pictures, region) })
    await part(1)
  }
  return measured
}

async function measureLikeness(
  pictures: Pictures,
  partners: Pictures,
  region: Region | undefined,
  turn: Turn,
): Promise<Pick<Measured, 'ratio' | 'similarity'>> {
  const { height, width } = region ?? pictures
  const fits = Math.min(height, width) >= SSIM_SIDE
  let [ratios, similarities] = [0, 0]
  for (const { from, to } of piecesOf(pictures.count, pictures.height)) {
    for (let index = from; index < to; index++) {
      const pair = [pictures, partners].map((stack) => slicePictures(stack, index, index + 1))
      ratios += Math.min(HIGHEST_RATIO, psnr(pair[0], pair[1], region))
      if (fits) similarities += ssim(pair[0], pair[1], region)
    }
    await turn((0.5 * to) / pictures.count)
  }
  return { ratio: ratios / pictures.count, similarity: fits ? similarities / pictures.count : null }
}

function describeMeasures(measured: readonly Measured[], sides: readonly number[], where: string): Measure[] {
  const partner = 'against the observed picture (training: against an unrelated one)'
  return [
    {
      name: 'psnr',
      title: 'PSNR (dB)',
      better: 'higher',
      basis: `Pixels of ${where} ${partner}; identical pictures count as ${HIGHEST_RATIO} dB. It favours blur.`,
      values: measureEach(measured, ({ ratio }) => ratio),
    },
    {
      name: 'ssim',
      title: 'SSIM',
      better: 'higher',
      basis: `Gaussian windows of ${SSIM_SIDE}x${SSIM_SIDE} pixels of ${where} ${partner}.`,
      values: measureEach(measured, ({ similarity }) => similarity),
    },
    ...sides.map((side, level): Measure => ({
      name: `slicedWasserstein${side}`,
      title: `Sliced Wasserstein x 1000, ${side}x${side}`,
      better: 'lower',
      basis: `7x7 patches of level ${level + 1} of a Laplacian pyramid of ${where}, against all observed pictures; training is the floor.`,
      values: measureEach(measured, ({ texture }) => texture[level]),
    })),
    {
      name: 'gradientMagnitude',
      title: 'Gradient magnitude',
      better: 'real',
      basis: `Mean difference of neighbouring pixels (-1..1) of ${where}: blurred pictures have less than observed ones.`,
      values: measureEach(measured, ({ gradient }) => gradient),
    },
  ]
}

function describeRegion({ mask }: Batch, region: Region | undefined): string {
  if (region) return `the hidden ${region.height}x${region.width} region`
  return mask ? 'the whole picture (the masks differ)' : 'the whole picture'
}

function composeRows(heldOut: Batch, subjects: readonly Compared[]): SheetRow[] {
  const { condition, mask, observed } = heldOut
  const shown = subjects.filter(({ subject }) => subject !== 'training')
  return [
    ...(condition ? [{ label: 'condition', pictures: condition }] : []),
    ...(mask ? [{ label: 'visible', pictures: hidePixels(observed, mask) }] : []),
    ...shown.map(({ subject, pictures }) => ({ label: titleOf(subject), pictures })),
  ].map(({ label, pictures }) => ({ label, pictures: firstPictures(pictures, SHOWN) }))
}

/** Hidden pixels become grey. */
function hidePixels(pictures: Pictures, mask: Pictures): Pictures {
  const data = pictures.data.map((value, i) => value * (1 - mask.data[Math.floor(i / pictures.channels)]))
  return { ...pictures, data }
}

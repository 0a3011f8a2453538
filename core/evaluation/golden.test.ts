/** The independent float64 references (SciPy, scikit-image) of metrics.json; here within 1e-6 relative. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { createPictures } from '../domain/picture.ts'
import type { Pictures } from '../domain/picture.ts'
import { frechetDistance, inceptionScore, parzenLogLikelihood, wilsonInterval } from './distributions.ts'
import { psnr, ssim } from './likeness.ts'
import { createMatrix } from './matrix.ts'
import type { Matrix } from './matrix.ts'

interface Tensor {
  shape: number[]
  data: number[]
}
interface Golden {
  frechet: { a: Tensor; b: Tensor; distance: number }[]
  inception: { probabilities: Tensor; splits1: [number, number]; splits10: [number, number] }
  parzen: { samples: Tensor; test: Tensor; width: number; mean: number; standardError: number }
  pictures: {
    a: Tensor
    b: Tensor
    psnr: number
    ssim: number
    region: { rows: [number, number]; columns: [number, number]; psnr: number; ssim: number }
  }
  proportion: { wins: number; of: number; wilson95: [number, number] }[]
}

const folder = process.env.GOLDEN_DIR ?? fileURLToPath(new URL('../golden', import.meta.url))
const golden = JSON.parse(readFileSync(join(folder, 'metrics.json'), 'utf8')) as Golden

const toMatrix = ({ shape, data }: Tensor): Matrix => createMatrix(shape[0], shape[1], data)

function expectClose(actual: number, expected: number): void {
  expect(Math.abs(actual - expected), `${actual} against ${expected}`).toBeLessThanOrEqual(1e-6 * Math.abs(expected))
}

describe('the golden numbers', () => {
  it.each(golden.frechet)('Frechet distance $distance', ({ a, b, distance }) => {
    expectClose(frechetDistance(toMatrix(a), toMatrix(b)), distance)
    expectClose(frechetDistance(toMatrix(b), toMatrix(a)), distance)
  })

  it('Inception score', () => {
    const { probabilities, splits1, splits10 } = golden.inception
    for (const [splits, [mean, deviation]] of [[1, splits1] as const, [10, splits10] as const]) {
      const score = inceptionScore(toMatrix(probabilities), splits)
      expectClose(score.mean, mean)
      expectClose(score.deviation, deviation)
    }
  })

  it('Parzen log-likelihood', () => {
    const { samples, test, width, mean, standardError } = golden.parzen
    const likelihood = parzenLogLikelihood(toMatrix(samples), toMatrix(test), width)
    expectClose(likelihood.mean, mean)
    expectClose(likelihood.standardError, standardError)
  })

  it('PSNR and SSIM of the whole picture and of a region', () => {
    const toPictures = ({ shape: [height, width, channels], data }: Tensor): Pictures => {
      const pictures = createPictures(1, height, width, channels)
      pictures.data.set(data.map((byte) => byte / 127.5 - 1))
      return pictures
    }
    const a = toPictures(golden.pictures.a)
    const b = toPictures(golden.pictures.b)
    expectClose(psnr(a, b), golden.pictures.psnr)
    expectClose(ssim(a, b), golden.pictures.ssim)
    const { rows, columns, ...expected } = golden.pictures.region
    const region = { top: rows[0], left: columns[0], height: rows[1] - rows[0], width: columns[1] - columns[0] }
    expectClose(psnr(a, b, region), expected.psnr)
    expectClose(ssim(a, b, region), expected.ssim)
  })

  it.each(golden.proportion)('Wilson interval of $wins in $of', ({ wins, of, wilson95 }) => {
    wilsonInterval(wins, of).forEach((bound, i) => expectClose(bound, wilson95[i]))
  })
})

/** Examples at working size: decoded once where memory allows, and a damaged file is replaced, never fatal. */
import { AppError } from '../domain/errors.ts'
import type { Random } from '../domain/random.ts'
import type { DataSet } from './dataSet.ts'
import { defaultEdges, drawEdges, edgeSide } from './edges.ts'
import type { EdgeSettings } from './edges.ts'
import type { Example, ExamplePictures, ReadOptions, Split } from './examples.ts'
import { resizePicture } from './pictureFile.ts'

const replacementsTried = 50

export interface ReaderOptions extends ReadOptions {
  /** Make the condition from the picture itself, also where the set has another. */
  readonly conditionFromPhoto?: 'edges' | undefined
  readonly edges?: EdgeSettings | undefined
  readonly cacheBytes: number
}

export interface SoundExample {
  readonly example: Example
  readonly pictures: ExamplePictures
}

/**
 * Reads example `index` of a split; when it is damaged, another that `random` picks, so that the answer is a function of the
 * data set and the random numbers, not of what was read before.
 */
export type ReadSound = (split: Split, index: number, random: Random) => Promise<SoundExample>

export function createExampleReader(dataSet: DataSet, options: ReaderOptions): ReadSound {
  const kept = new Map<Example, ExamplePictures>()
  const damaged = new Set<Example>()
  let keptBytes = 0

  const keep = (example: Example, pictures: ExamplePictures) => {
    const { data } = pictures.observed
    // A view into a binary file that is in memory anyway costs nothing to read again.
    if (data.length < data.buffer.byteLength) return
    const bytes = data.length + (pictures.condition?.data.length ?? 0)
    // In random order a full cache serves best by keeping what it has: replacing would only churn.
    if (kept.has(example) || keptBytes + bytes > options.cacheBytes) return
    kept.set(example, pictures)
    keptBytes += bytes
  }

  const readOrReport = async (example: Example): Promise<ExamplePictures | undefined> => {
    const known = kept.get(example)
    if (known !== undefined || damaged.has(example)) return known
    try {
      const pictures = await readPictures(example, options)
      keep(example, pictures)
      return pictures
    } catch {
      damaged.add(example)
      dataSet.report(example.name, 'unreadable', 'it (or its partner in a pair) is damaged, cut off or no longer there')
      return undefined
    }
  }

  return async (split, index, random) => {
    const examples = dataSet.examples[split]
    let example = examples[index]
    for (let tries = 0; tries <= replacementsTried; tries++) {
      const pictures = await readOrReport(example)
      if (pictures !== undefined) return { example, pictures }
      example = examples[random.integer(examples.length)]
    }
    const message = `None of ${replacementsTried} pictures tried could be read, “${example.name}” among them: is the folder still there?`
    throw new AppError('bad-input', message, { hint: 'Reconnect the drive or open the data set again.' })
  }
}

async function readPictures(example: Example, options: ReaderOptions): Promise<ExamplePictures> {
  if (options.conditionFromPhoto === undefined) return example.read(options)
  const side = edgeSide(options.size)
  const { observed: large } = await example.read({ ...options, size: side })
  const [observed, condition] = await Promise.all([
    resizePicture(large, options.size, options.size),
    drawEdges(large, options.size, options.edges ?? defaultEdges),
  ])
  return { observed, condition }
}

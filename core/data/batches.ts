/**
 * Mini-batches for training and fixed examples for evaluation. What batch `step` holds is a pure function of data set,
 * options, seed and step: a checkpoint needs no other cursor than the step, and resuming is exact.
 */
import { AppError } from '../domain/errors.ts'
import type { Batch } from '../domain/picture.ts'
import { Random } from '../domain/random.ts'
import type { Augmentation, View } from './augment.ts'
import { drawView, stackViews, wobble, workingSize } from './augment.ts'
import type { DataSet } from './dataSet.ts'
import type { EdgeSettings } from './edges.ts'
import { createExampleReader } from './exampleReader.ts'
import type { ReadSound, SoundExample } from './exampleReader.ts'
import type { Example, Split } from './examples.ts'
import { createMask } from './masks.ts'
import type { MaskKind } from './masks.ts'

const defaultCacheBytes = 256 * 2 ** 20
const preparedAhead = 2
// Names of the independent random streams of one seed.
const orderStream = 0
const exampleStream = 1

export interface ExampleOptions {
  /** What is learned: class -> picture, condition picture -> picture, or the hidden part of a picture. */
  readonly task: 'class' | 'picture' | 'inpaint'
  readonly split: Split
  /** Side of the square pictures, in pixels. */
  readonly size: number
  /** Of the observed pictures; default as in the data set. */
  readonly channels?: 1 | 3
  /** Of the conditions; default as in the data set (1 for edges). */
  readonly conditionChannels?: 1 | 3
  /** For inpainting; default `centre`. */
  readonly mask?: MaskKind
  /** Task `picture`: the condition is a drawing made from the picture. Needed for photos and classes. */
  readonly conditionFromPhoto?: 'edges'
  readonly edges?: EdgeSettings
  readonly seed?: number
}

export interface BatchOptions extends ExampleOptions {
  readonly batchSize: number
  readonly augment?: Augmentation
  /** Room for decoded pictures at working size; what does not fit is read again. Default 256 MB. */
  readonly cacheBytes?: number
}

export interface Batches {
  /** Steps until every example was seen once. */
  readonly stepsPerEpoch: number
  /** Batch number `step` (0, 1, 2 ...); the next two are prepared meanwhile. The caller owns the arrays. */
  read(step: number): Promise<Batch>
  /** The same batch with what it was made of; nothing is prepared beyond it. */
  look(step: number): Promise<NamedBatch>
}

export interface NamedBatch {
  readonly batch: Batch
  /** One for each picture of the batch. */
  readonly examples: readonly Example[]
}

export interface LoadOptions extends ExampleOptions {
  readonly count: number
  readonly offset?: number
}

/** Throws AppError('mismatch') when the data set cannot serve the task, RangeError for senseless numbers. */
export function createBatches(dataSet: DataSet, options: BatchOptions): Batches {
  const { split, batchSize, size, seed = 0, augment = {} } = options
  if (!Number.isInteger(batchSize) || batchSize < 1) throw new RangeError(`batchSize is 1 or more, not ${batchSize}`)
  const readSound = createReader(dataSet, options, workingSize(size, augment), options.cacheBytes ?? defaultCacheBytes)
  const count = dataSet.count[split]
  const prepared = new Map<number, Promise<Batch>>()
  const orders = new Map<number, Uint32Array>()

  const orderOf = (epoch: number): Uint32Array => {
    const order = orders.get(epoch) ?? new Random(seed, orderStream, epoch).permutation(count)
    orders.delete(epoch - 2)
    orders.set(epoch, order)
    return order
  }

  const look = async (step: number): Promise<NamedBatch> => {
    assertStep(step)
    const randoms = Array.from({ length: batchSize }, (_, i) => new Random(seed, exampleStream, step, i))
    const views = randoms.map((random) => drawView(size, augment, random))
    const found = await Promise.all(
      randoms.map((random, i) => {
        const position = step * batchSize + i
        return readSound(split, orderOf(Math.floor(position / count))[position % count], random)
      }),
    )
    const batch = assemble(options, found, views, randoms, augment.lineWobble ?? 0)
    return { batch, examples: found.map(({ example }) => example) }
  }

  const start = (step: number): Promise<Batch> => {
    const batch = prepared.get(step) ?? look(step).then((named) => named.batch)
    prepared.set(step, batch)
    // Whoever reads the step is told; until then nobody has to be.
    batch.catch(() => undefined)
    return batch
  }

  return {
    stepsPerEpoch: Math.ceil(count / batchSize),
    look,
    read(step) {
      assertStep(step)
      const batch = start(step)
      for (const other of prepared.keys()) if (other <= step || other > step + preparedAhead) prepared.delete(other)
      for (let ahead = 1; ahead <= preparedAhead; ahead++) void start(step + ahead)
      return batch
    },
  }
}

function assertStep(step: number): void {
  if (!Number.isInteger(step) || step < 0) throw new RangeError(`a step is 0, 1, 2 ..., not ${step}`)
}

/**
 * Unaugmented examples number offset .. offset + count - 1 of a fixed mixed order, in which the labels take turns; fewer
 * when the split ends. Throws like createBatches, and RangeError when there is none at `offset`.
 */
export async function loadExamples(dataSet: DataSet, options: LoadOptions): Promise<Batch> {
  return (await loadNamedExamples(dataSet, options)).batch
}

/** The same with what they are. */
export async function loadNamedExamples(dataSet: DataSet, options: LoadOptions): Promise<NamedBatch> {
  const { split, size, seed = 0, count, offset = 0 } = options
  const chosen = mixedOrder(dataSet, split).slice(offset, offset + count)
  if (chosen.length === 0)
    throw new RangeError(`no examples ${offset} to ${offset + count - 1} of ${dataSet.count[split]}`)
  const readSound = createReader(dataSet, options, size, 0)
  const randoms = chosen.map((_, i) => new Random(seed, exampleStream, offset + i))
  const found = await Promise.all(chosen.map((index, i) => readSound(split, index, randoms[i])))
  const views = chosen.map(() => ({ left: 0, top: 0, mirrored: false }))
  return { batch: assemble(options, found, views, randoms, 0), examples: found.map(({ example }) => example) }
}

function createReader(dataSet: DataSet, options: ExampleOptions, size: number, cacheBytes: number): ReadSound {
  const { task, conditionFromPhoto } = options
  if (!Number.isInteger(options.size) || options.size < 8)
    throw new RangeError(`size is 8 or more, not ${options.size}`)
  if (task === 'class' && dataSet.kind !== 'class')
    throw new AppError('mismatch', 'Class to picture needs a data set with labels, and this one has none.')
  if (task === 'picture' && dataSet.kind !== 'pair' && conditionFromPhoto === undefined)
    throw new AppError(
      'mismatch',
      'Picture to picture needs pairs; this data set has none, so let edges be made from its pictures.',
    )
  return createExampleReader(dataSet, {
    size,
    channels: options.channels ?? dataSet.channels,
    conditionChannels: options.conditionChannels ?? dataSet.conditionChannels ?? 1,
    conditionFromPhoto: task === 'picture' ? conditionFromPhoto : undefined,
    edges: options.edges,
    cacheBytes,
  })
}

function assemble(
  { task, size, mask = 'centre' }: ExampleOptions,
  found: readonly SoundExample[],
  views: readonly View[],
  randoms: readonly Random[],
  lineWobble: number,
): Batch {
  const observed = stackViews(
    found.map(({ pictures }) => pictures.observed),
    views,
    size,
  )
  if (task === 'class') return { observed, labels: Int32Array.from(found, ({ example }) => example.label ?? 0) }
  if (task === 'inpaint') {
    const masks = randoms.map((random) => createMask(mask, size, random))
    const whole = masks.map(() => ({ left: 0, top: 0, mirrored: false }))
    return { observed, mask: stackViews(masks, whole, size, (byte) => byte) }
  }
  const conditions = found.flatMap(({ pictures }) => pictures.condition ?? [])
  const drawn =
    lineWobble > 0 ? conditions.map((condition, i) => wobble(condition, lineWobble, randoms[i])) : conditions
  return { observed, condition: stackViews(drawn, views, size) }
}

/** Indices of a split, shuffled by a fixed seed; in sets of classes one of each label in turn. */
function mixedOrder(dataSet: DataSet, split: Split): number[] {
  const shuffled = [...new Random(0, orderStream).permutation(dataSet.count[split])]
  if (dataSet.kind !== 'class') return shuffled
  const seen = new Map<number, number>()
  const turns = new Map(
    shuffled.map((index) => {
      const label = dataSet.examples[split][index].label ?? 0
      const turn = seen.get(label) ?? 0
      seen.set(label, turn + 1)
      return [index, { turn, label }]
    }),
  )
  const place = (index: number) => turns.get(index) ?? { turn: 0, label: 0 }
  return shuffled.toSorted((a, b) => place(a).turn - place(b).turn || place(a).label - place(b).label)
}

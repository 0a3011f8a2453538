/** tfjs's convolution kernels by ours: forward (with bias and relu), gradient to the pictures, gradient to the filter; and blurs. */
import type { TensorInfo } from '@tensorflow/tfjs-core'
import {
  convolutionInfo,
  geometryNumbers,
  isPlain,
  isPlainDepthwise,
  positionsOf,
  shapeAttribute,
  windowOf,
  type ConvolutionInfo,
} from './convolutionGeometry.ts'
import type { KernelRunner } from './kernelRunner.ts'
import { areFloats, sizeOf, type Compute } from './kernelTable.ts'

/** Positions from which a further group of partial filter gradients pays, and the most memory they may take together. */
const POSITIONS_PER_GROUP = 512
const MOST_GROUPS = 8
const MOST_PARTIAL_BYTES = 64 * 2 ** 20

export function convolutionKernels(runner: KernelRunner): Record<string, Compute> {
  return {
    Conv2D({ inputs: { x, filter }, attributes }) {
      const info = convolutionInfo(x.shape, filter.shape, attributes)
      if (!isPlain(info, filter.shape) || !areFloats(x, filter)) return undefined
      return convolve(runner, info, x, filter, undefined, false)
    },
    FusedConv2D({ inputs: { x, filter, bias, preluActivationWeights }, attributes }) {
      const info = convolutionInfo(x.shape, filter.shape, attributes)
      const activation = attributes.activation ?? 'linear'
      if (!isPlain(info, filter.shape) || !areFloats(x, filter) || preluActivationWeights) return undefined
      if (activation !== 'relu' && activation !== 'linear') return undefined
      if (bias && (!areFloats(bias) || sizeOf(bias) !== info.outChannels)) return undefined
      return convolve(runner, info, x, filter, bias, activation === 'relu')
    },
    Conv2DBackpropInput({ inputs: { dy, filter }, attributes }) {
      const info = convolutionInfo(shapeAttribute(attributes, 'inputShape'), filter.shape, attributes)
      if (!isPlain(info, filter.shape) || !areFloats(dy, filter)) return undefined
      return convolveBackInput(runner, info, dy, filter)
    },
    Conv2DBackpropFilter({ inputs: { x, dy }, attributes }) {
      const filterShape = shapeAttribute(attributes, 'filterShape')
      const info = convolutionInfo(x.shape, filterShape, attributes)
      if (!isPlain(info, filterShape) || !areFloats(x, dy)) return undefined
      return convolveBackFilter(runner, info, x, dy)
    },
    DepthwiseConv2dNative({ inputs: { x, filter }, attributes }) {
      const info = convolutionInfo(x.shape, filter.shape, attributes, true)
      if (!isPlainDepthwise(info, filter.shape) || !areFloats(x, filter)) return undefined
      const y = runner.heap.createTensor(info.outShape)
      const geometry = writeGeometry(runner, info)
      const cut = { items: info.batchSize, scratchBytes: runner.measure('depthwiseScratch', geometry) }
      runner.run('convolveDepthwise', cut, geometry, runner.at(x), runner.at(filter), runner.at(y))
      return y
    },
  }
}

function convolve(
  runner: KernelRunner,
  info: ConvolutionInfo,
  x: TensorInfo,
  filter: TensorInfo,
  bias: TensorInfo | undefined,
  relu: boolean,
): TensorInfo {
  const window = windowOf(info)
  const packed = packFilter(runner, runner.at(filter), [info.outChannels * 4, 4], window, info.outChannels)
  const y = runner.heap.createTensor(info.outShape)
  const items = Math.ceil(positionsOf(info) / runner.measure('positionBlock', window))
  const pointers = [writeGeometry(runner, info), runner.at(x), packed, bias ? runner.at(bias) : 0]
  runner.run('convolve', { items, scratchBytes: scratchOf(runner, info) }, ...pointers, Number(relu), runner.at(y))
  return y
}

function convolveBackInput(
  runner: KernelRunner,
  info: ConvolutionInfo,
  dy: TensorInfo,
  filter: TensorInfo,
): TensorInfo {
  const packed = packFilter(runner, runner.at(filter), [4, info.outChannels * 4], info.outChannels, windowOf(info))
  const dx = runner.heap.createTensor(info.inShape)
  const bands = countBands(info, runner.threads)
  const cut = { items: info.batchSize * bands, scratchBytes: scratchOf(runner, info) }
  runner.run('convolveBackInput', cut, writeGeometry(runner, info), runner.at(dy), packed, runner.at(dx), bands)
  return dx
}

/** With few examples and several threads, each picture is cut into bands of at least 8 rows. */
function countBands(info: ConvolutionInfo, threads: number): number {
  if (threads === 1 || info.batchSize >= 2 * threads) return 1
  return Math.max(1, Math.min(Math.floor(info.inHeight / 8), Math.ceil((2 * threads) / info.batchSize)))
}

function convolveBackFilter(runner: KernelRunner, info: ConvolutionInfo, x: TensorInfo, dy: TensorInfo): TensorInfo {
  const filter = runner.heap.createTensor(info.filterShape)
  const size = sizeOf(filter)
  const groups = countGroups(positionsOf(info), size * 4)
  const partials = groups === 1 ? runner.at(filter) : runner.reserve('partials', groups * size * 4)
  const cut = { items: groups, scratchBytes: scratchOf(runner, info) }
  runner.run('convolveBackFilter', cut, writeGeometry(runner, info), runner.at(x), runner.at(dy), partials, groups)
  if (groups > 1)
    runner.run('sumPartials', { items: Math.ceil(size / 1024), grain: 16 }, partials, groups, size, runner.at(filter))
  return filter
}

/** Depends on the shapes alone, never on the threads: the same sum, rounded alike, with any number of them. */
function countGroups(positions: number, bytes: number): number {
  const useful = Math.min(MOST_GROUPS, Math.floor(positions / POSITIONS_PER_GROUP))
  return Math.max(1, Math.min(useful, Math.floor(MOST_PARTIAL_BYTES / bytes)))
}

/** The filter as the right matrix (inner x columns, given by its strides in bytes) of a product, packed. */
function packFilter(
  runner: KernelRunner,
  filter: number,
  [rowStride, columnStride]: [number, number],
  inner: number,
  columns: number,
): number {
  const packed = runner.reserve('packed', runner.measure('packedNumbers', inner, columns) * 4)
  const strips = Math.ceil(columns / 8)
  const grain = Math.max(1, Math.ceil(8192 / inner))
  runner.run('packRight', { items: strips, grain }, filter, rowStride, columnStride, inner, columns, packed)
  return packed
}

function scratchOf(runner: KernelRunner, info: ConvolutionInfo): number {
  return runner.measure('convolutionScratch', windowOf(info), info.outChannels)
}

function writeGeometry(runner: KernelRunner, info: ConvolutionInfo): number {
  const numbers = geometryNumbers(info)
  const address = runner.reserve('geometry', numbers.length * 4)
  new Int32Array(runner.heap.memory.buffer, address, numbers.length).set(numbers)
  return address
}

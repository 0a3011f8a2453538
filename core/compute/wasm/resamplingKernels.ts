/** tfjs's nearest-neighbour resizing and average pooling by ours where whole blocks of pixels become one or come from one. */
import * as tf from '@tensorflow/tfjs-core'
import type { KernelRunner } from './kernelRunner.ts'
import { areFloats, type Compute } from './kernelTable.ts'

export function resamplingKernels(runner: KernelRunner): Record<string, Compute> {
  function resample(kernel: 'spreadBlocks' | 'sumBlocks', from: tf.TensorInfo, shape: number[], isMean: boolean) {
    const [small, large] = kernel === 'spreadBlocks' ? [from.shape, shape] : [shape, from.shape]
    const [batch, height, width, channels] = small
    const [down, across] = [large[1] / height, large[2] / width]
    const to = runner.heap.createTensor(shape)
    const cut = { items: batch * height, grain: Math.max(1, Math.floor(16_384 / (large[2] * channels * down))) }
    const scale = isMean ? 1 / (down * across) : 1
    runner.run(kernel, cut, runner.at(from), runner.at(to), width, channels, down, across, scale)
    return to
  }
  return {
    ResizeNearestNeighbor({ inputs: { images }, attributes }) {
      const [batch, , , channels] = images.shape
      const shape = [batch, ...sizeAttribute(attributes, 'size'), channels]
      if (!isNearest(attributes) || !areFloats(images) || !areWholeBlocks(images.shape, shape)) return undefined
      return resample('spreadBlocks', images, shape, false)
    },
    ResizeNearestNeighborGrad({ inputs: { images, dy }, attributes }) {
      if (!isNearest(attributes) || !areFloats(dy) || !areWholeBlocks(images.shape, dy.shape)) return undefined
      return resample('sumBlocks', dy, images.shape, false)
    },
    AvgPool({ inputs: { x }, attributes }) {
      const shape = pooledShape(x, attributes)
      return shape === undefined ? undefined : resample('sumBlocks', x, shape, true)
    },
    AvgPoolGrad({ inputs: { dy, input }, attributes }) {
      const shape = pooledShape(input, attributes)
      if (shape === undefined || !areFloats(dy)) return undefined
      return resample('spreadBlocks', dy, input.shape, true)
    },
  }
}

/** Pixel i of the result is pixel floor(i * old / new). */
function isNearest(attributes: tf.NamedAttrMap): boolean {
  return !attributes.alignCorners && !attributes.halfPixelCenters
}

function areWholeBlocks([, smallHeight, smallWidth]: number[], [, height, width]: number[]): boolean {
  return height % smallHeight === 0 && width % smallWidth === 0
}

function sizeAttribute(attributes: tf.NamedAttrMap, name: string): [number, number] {
  const size = attributes[name]
  const [height, width] = Array.isArray(size) ? size.map(Number) : [Number(size), Number(size)]
  return [height, width]
}

/** The shape after pooling when the windows lie side by side and cover the picture; undefined when they do not. */
function pooledShape(x: tf.TensorInfo, attributes: tf.NamedAttrMap): number[] | undefined {
  if (!areFloats(x) || x.shape.length !== 4) return undefined
  const [filterHeight, filterWidth] = sizeAttribute(attributes, 'filterSize')
  const [strideHeight, strideWidth] = sizeAttribute(attributes, 'strides')
  const [batch, height, width, channels] = x.shape
  const [down, across] = [height / filterHeight, width / filterWidth]
  const sideBySide = strideHeight === filterHeight && strideWidth === filterWidth
  const padded = attributes.pad !== 'valid' && attributes.pad !== 'same' && attributes.pad !== 0
  if (!sideBySide || padded || !Number.isInteger(down) || !Number.isInteger(across)) return undefined
  return [batch, down, across, channels]
}

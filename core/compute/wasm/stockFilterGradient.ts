/** The gradient of a convolution to its filter in plain TypeScript: tfjs's wasm backend has none. Slow but right; for kernels 'stock'. */
import * as tf from '@tensorflow/tfjs-core'
import { BackendWasm } from '@tensorflow/tfjs-backend-wasm'
import { convolutionInfo, isPlain, shapeAttribute, type ConvolutionInfo } from './convolutionGeometry.ts'
import { areFloats, type Compute } from './kernelTable.ts'

export function stockFilterGradient(backend: tf.KernelBackend): Record<string, Compute> {
  return {
    Conv2DBackpropFilter({ inputs: { x, dy }, attributes }) {
      const filterShape = shapeAttribute(attributes, 'filterShape')
      const info = convolutionInfo(x.shape, filterShape, attributes)
      if (!isPlain(info, filterShape) || !areFloats(x, dy) || !(backend instanceof BackendWasm)) return undefined
      const gradient = new Float32Array(tf.util.sizeFromShape(info.filterShape))
      addFilterGradient(info, numbersOf(backend, x), numbersOf(backend, dy), gradient)
      return backend.makeOutput(info.filterShape, 'float32', undefined, gradient)
    },
  }
}

function numbersOf(backend: BackendWasm, tensor: tf.TensorInfo): Float32Array {
  return Float32Array.from(backend.readSync(tensor.dataId), Number)
}

function addFilterGradient(info: ConvolutionInfo, x: Float32Array, dy: Float32Array, gradient: Float32Array): void {
  const { inChannels, outChannels, filterWidth } = info
  const { top, left } = info.padInfo
  for (let b = 0; b < info.batchSize; b++)
    for (let outY = 0; outY < info.outHeight; outY++)
      for (let outX = 0; outX < info.outWidth; outX++) {
        const dyAt = ((b * info.outHeight + outY) * info.outWidth + outX) * outChannels
        for (let i = 0; i < info.filterHeight; i++) {
          const y = outY * info.strideHeight - top + i
          if (y < 0 || y >= info.inHeight) continue
          for (let j = 0; j < filterWidth; j++) {
            const inX = outX * info.strideWidth - left + j
            if (inX < 0 || inX >= info.inWidth) continue
            const xAt = ((b * info.inHeight + y) * info.inWidth + inX) * inChannels
            let at = (i * filterWidth + j) * inChannels * outChannels
            for (let c = 0; c < inChannels; c++) {
              const value = x[xAt + c]
              for (let o = 0; o < outChannels; o++) gradient[at++] += value * dy[dyAt + o]
            }
          }
        }
      }
}

/** Extra kernels: group normalisation and its gradient. */
import type { TensorInfo } from '@tensorflow/tfjs-core'
import type { KernelRunner } from './kernelRunner.ts'
import { assertAlike, assertFloats, numberAttribute, sizeOf, type Compute } from './kernelTable.ts'

interface Shape {
  readonly batch: number
  readonly pixels: number
  readonly channels: number
  readonly groups: number
}

export function groupNormKernels(runner: KernelRunner): Record<string, Compute> {
  return {
    GroupNorm({ inputs: { x, gamma, beta }, attributes }) {
      const shape = shapeOf('GroupNorm', x, [gamma, beta], numberAttribute('GroupNorm', attributes, 'groups'))
      const { batch, pixels, channels, groups } = shape
      const epsilon = numberAttribute('GroupNorm', attributes, 'epsilon')
      const outputs = [x.shape, [batch, groups], [batch, groups]].map((size) => runner.heap.createTensor(size))
      const pointers = [x, gamma, beta, ...outputs].map((tensor) => runner.at(tensor))
      runner.run('groupNorm', cutOf(runner, shape), ...pointers, pixels, channels, groups, epsilon)
      return outputs
    },
    GroupNormGrad({ inputs: { dy, x, gamma, mean, rstd }, attributes }) {
      const shape = shapeOf('GroupNormGrad', x, [gamma], numberAttribute('GroupNormGrad', attributes, 'groups'))
      const { batch, pixels, channels, groups } = shape
      assertAlike('GroupNormGrad', x, dy)
      assertAlike('GroupNormGrad', mean, rstd)
      if (sizeOf(mean) !== batch * groups)
        throw new RangeError(`GroupNormGrad: mean of shape [${mean.shape.join(', ')}]`)
      const [dx, dgamma, dbeta] = [x.shape, [channels], [channels]].map((size) => runner.heap.createTensor(size))
      const partials = runner.reserve('partials', batch * 2 * channels * 4)
      const pointers = [dy, x, gamma, mean, rstd, dx].map((tensor) => runner.at(tensor))
      runner.run('groupNormGrad', cutOf(runner, shape), ...pointers, partials, pixels, channels, groups)
      runner.run('groupNormSums', { items: 1 }, partials, batch, channels, runner.at(dgamma), runner.at(dbeta))
      return [dx, dgamma, dbeta]
    },
  }
}

/** Throws TypeError or RangeError, quoting what does not fit. */
function shapeOf(kernel: string, x: TensorInfo, perChannel: TensorInfo[], groups: number): Shape {
  assertFloats(kernel, x, ...perChannel)
  if (x.shape.length !== 4)
    throw new RangeError(`${kernel} takes [batch, height, width, channels], not [${x.shape.join(', ')}]`)
  const [batch, height, width, channels] = x.shape
  if (!Number.isInteger(groups) || groups < 1 || channels % groups !== 0)
    throw new RangeError(`${kernel}: ${channels} channels cannot be cut into ${groups} groups`)
  for (const tensor of perChannel)
    if (sizeOf(tensor) !== channels)
      throw new RangeError(`${kernel}: ${sizeOf(tensor)} factors for ${channels} channels`)
  return { batch, pixels: height * width, channels, groups }
}

function cutOf(runner: KernelRunner, { batch, pixels, channels }: Shape) {
  const grain = Math.max(1, Math.floor(16_384 / (pixels * channels)))
  return { items: batch, grain, scratchBytes: runner.measure('groupNormScratch', channels) }
}

/** tfjs's BatchMatMul for one pair of matrices. */
import type { KernelRunner } from './kernelRunner.ts'
import { areFloats, type Compute } from './kernelTable.ts'

export function matrixKernels(runner: KernelRunner): Record<string, Compute> {
  return {
    BatchMatMul({ inputs: { a, b }, attributes: { transposeA, transposeB } }) {
      if (a.shape.length !== b.shape.length || !areFloats(a, b)) return undefined
      const batches = [...a.shape.slice(0, -2), ...b.shape.slice(0, -2)]
      if (batches.some((size) => size !== 1)) return undefined
      const [aHeight, aWidth] = a.shape.slice(-2)
      const [bHeight, bWidth] = b.shape.slice(-2)
      const [rows, inner] = transposeA ? [aWidth, aHeight] : [aHeight, aWidth]
      const [right, columns] = transposeB ? [bWidth, bHeight] : [bHeight, bWidth]
      if (inner !== right)
        throw new RangeError(`matrices [${a.shape.join(', ')}] and [${b.shape.join(', ')}] do not fit`)
      const out = runner.heap.createTensor([...a.shape.slice(0, -2), rows, columns])
      const leftStrides = transposeA ? [4, aWidth * 4] : [aWidth * 4, 4]
      const rightStrides = transposeB ? [4, bWidth * 4] : [bWidth * 4, 4]
      const packed = runner.reserve('packed', runner.measure('packedNumbers', inner, columns) * 4)
      const strips = Math.ceil(columns / 8)
      const packing = { items: strips, grain: Math.max(1, Math.ceil(8192 / inner)) }
      runner.run('packRight', packing, runner.at(b), ...rightStrides, inner, columns, packed)
      const [kernel, items] = rows > columns ? ['multiplyRows', Math.ceil(rows / 4)] : ['multiplyColumns', strips]
      // Few pieces, because every piece of columns packs the left matrix again; many enough to level unequal threads.
      const cut = { items, grain: Math.max(4, Math.ceil(items / 8)), scratchBytes: runner.measure('multiplyScratch') }
      runner.run(kernel, cut, runner.at(a), ...leftStrides, packed, runner.at(out), rows, columns, inner)
      return out
    },
  }
}

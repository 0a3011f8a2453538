import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { WasmEngine } from './openWasm.ts'
import {
  allForms,
  examples,
  fastForms,
  onCpu,
  openBuilt,
  randomValues,
  relativeError,
  runKernel,
  type Values,
} from './testing.ts'

const sizes = [
  { rows: 100, inner: 1254, columns: 100 },
  { rows: 3, inner: 7, columns: 5 },
  { rows: 1, inner: 300, columns: 1 },
  { rows: 130, inner: 9, columns: 17 },
  { rows: 5, inner: 257, columns: 201 },
]

describe.each(allForms)('matrix product with $kernels kernels, $threads threads', (form) => {
  let engine: WasmEngine
  beforeAll(async () => {
    engine = await openBuilt(form)
  })
  afterAll(() => engine.close())

  it.each(sizes)('agrees with the cpu backend: $rows x $inner x $columns', async ({ rows, inner, columns }) => {
    for (const transposeA of [false, true])
      for (const transposeB of [false, true]) {
        const inputs = {
          a: randomValues(1, transposeA ? [1, inner, rows] : [1, rows, inner]),
          b: randomValues(2, transposeB ? [1, columns, inner] : [1, inner, columns]),
        }
        const call = { name: 'BatchMatMul', inputs, attributes: { transposeA, transposeB } }
        const [expected] = await onCpu(() => runKernel(call))
        expect(relativeError(runKernel(call)[0], expected), `${transposeA} ${transposeB}`).toBeLessThan(1e-5)
      }
  })

  it('leaves stacks of matrices to tfjs', async () => {
    const inputs = { a: randomValues(1, [3, 4, 5]), b: randomValues(2, [3, 5, 2]) }
    const call = { name: 'BatchMatMul', inputs, attributes: { transposeA: false, transposeB: false } }
    const [expected] = await onCpu(() => runKernel(call))
    expect(relativeError(runKernel(call)[0], expected)).toBeLessThan(1e-5)
  })
})

describe.each(fastForms)('matrix product with $kernels kernels, $threads threads', (form) => {
  let engine: WasmEngine
  beforeAll(async () => {
    engine = await openBuilt(form)
  })
  afterAll(() => engine.close())

  it('gives a row the same bits alone and among 16', () => {
    const rows = randomValues(1, [16, 600])
    const b = { shape: [1, 600, 33], data: randomValues(2, [600, 33]).data }
    const attributes = { transposeA: false, transposeB: false }
    const multiply = ({ shape, data }: Values) =>
      runKernel({ name: 'BatchMatMul', inputs: { a: { shape: [1, ...shape], data }, b }, attributes })[0].data
    expect([...multiply(examples(rows, 5, 6))]).toEqual([...multiply(rows).slice(5 * 33, 6 * 33)])
  })
})

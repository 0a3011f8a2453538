import * as tf from '@tensorflow/tfjs-core'
import { afterEach, describe, expect, it } from 'vitest'
import { openHeap } from './heap.ts'
import { openWasm, type WasmEngine } from './openWasm.ts'
import { allForms, onCpu, openBuilt, randomValues, runKernel } from './testing.ts'

let open: WasmEngine | undefined

const extras = ['ReluGrad', 'LeakyReluGrad', 'Silu', 'SiluGrad', 'GroupNorm', 'GroupNormGrad', 'AdamStep', 'Lerp']

afterEach(() => open?.close())

describe('openWasm', () => {
  it.each(allForms)('says what runs, and leaves nothing after close: $kernels, $threads threads', async (form) => {
    const engine = (open = await openBuilt(form))
    expect(engine).toMatchObject({ kind: 'wasm', version: '4.22.0', threads: form.threads })
    expect(engine.kernels).toBe(form.kernels === 'best' ? 'relaxed-simd' : form.kernels)
    expect(engine.fallback).toBeUndefined()
    expect(tf.getBackend()).toBe('wasm')
    for (const name of extras) expect(tf.getKernel(name, 'wasm') !== undefined, name).toBe(form.kernels !== 'stock')
    expect(tf.getKernel('Conv2DBackpropFilter', 'wasm')).toBeDefined()
    engine.close()
    engine.close()
    for (const name of [...extras, 'Conv2DBackpropFilter']) expect(tf.getKernel(name, 'wasm')).toBeUndefined()
  })

  it('does not decide what happens to errors nobody handles', async () => {
    const count = () => ['uncaughtException', 'unhandledRejection'].map((event) => process.listenerCount(event))
    const before = count()
    open = await openBuilt({})
    expect(count()).toEqual(before)
  })

  it('refuses to open twice and refuses senseless thread counts', async () => {
    const engine = (open = await openBuilt({}))
    await expect(openWasm()).rejects.toMatchObject({ code: 'misuse' })
    engine.close()
    for (const threads of [0, -1, 1.5, 65, NaN])
      await expect(openWasm({ threads })).rejects.toThrow(`threads must be 1..64, not ${threads}`)
  })

  it.each(allForms)('holds its memory over many steps: $kernels, $threads threads', async (form) => {
    const engine = (open = await openBuilt(form))
    const [x, filter, bias] = [[2, 12, 12, 3], [3, 3, 3, 8], [8]].map((shape, i) => randomValues(i, shape))
    const attributes = { strides: 2, pad: 'same', dataFormat: 'NHWC', dilations: [1, 1], activation: 'linear' }
    const step = () => {
      const [dy] = runKernel({ name: 'FusedConv2D', inputs: { x, filter, bias }, attributes })
      runKernel({
        name: 'Conv2DBackpropInput',
        inputs: { dy, filter },
        attributes: { ...attributes, inputShape: x.shape },
      })
      runKernel({
        name: 'Conv2DBackpropFilter',
        inputs: { x, dy },
        attributes: { ...attributes, filterShape: filter.shape },
      })
    }
    step()
    const before = tf.memory()
    for (let i = 0; i < 50; i++) step()
    expect(tf.memory()).toMatchObject({ numTensors: before.numTensors, numBytes: before.numBytes })
    engine.close()
  })

  it.each([1, 2])('goes on after the memory has grown, with %d threads', async (threads) => {
    const engine = (open = await openBuilt({ threads }))
    const x = randomValues(1, [5])
    const [before] = runKernel({ name: 'Silu', inputs: { x } })
    // tfjs starts with 16 MB.
    const large = Array.from({ length: 8 }, () => tf.ones([4 * 2 ** 20]))
    const [after] = runKernel({ name: 'Silu', inputs: { x } })
    expect(after).toEqual(before)
    const last = large[7]
    const sum = tf.tidy(() => {
      const grown: tf.Tensor = tf.engine().runKernel('Lerp', { a: last, b: last }, { weight: 0.5 })
      return tf.max(tf.abs(tf.sub(grown, 1))).dataSync()[0]
    })
    expect(sum).toBe(0)
    tf.dispose(large)
    engine.close()
  })

  it('does not touch a backend that is built otherwise', async () => {
    open = await openBuilt({})
    await onCpu(() => {
      expect(() => openHeap(tf.backend())).toThrow(
        'do not fit this version of TensorFlow.js: the backend is of another class',
      )
    })
  })
})

import { createRequire } from 'node:module'
import { expect, it } from 'vitest'
import { defineLegacyUtil } from './legacyUtil.ts'

it('gives util back the two functions that TensorFlow.js for Node calls, without a warning', () => {
  defineLegacyUtil()
  const legacy: { isNullOrUndefined(value: unknown): boolean; isArray(value: unknown): boolean } = createRequire(
    import.meta.url,
  )('util')
  expect([undefined, null, 0, '', false].map((value) => legacy.isNullOrUndefined(value))).toEqual([
    true,
    true,
    false,
    false,
    false,
  ])
  expect([[], new Float32Array(1), { length: 0 }].map((value) => legacy.isArray(value))).toEqual([true, false, false])
  expect(legacy.isArray).toBe(Array.isArray)
})

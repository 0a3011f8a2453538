import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { assertPlainJson } from './plainJson.ts'

const cycle: Record<string, unknown> = { kind: 'stroke' }
cycle['self'] = cycle
const deep = JSON.parse('['.repeat(40) + ']'.repeat(40)) as unknown

describe('plain JSON', () => {
  it.each([
    [{ at: Number.NaN }, 'the number NaN'],
    [{ at: [1, -Infinity] }, 'the number -Infinity'],
    [{ at: 1n }, 'a bigint'],
    [[undefined], 'a undefined'],
    [{ run: () => 1 }, 'a function'],
    [{ data: new Uint8Array(3) }, 'something other'],
    [{ when: new Date() }, 'something other'],
    [new Map(), 'something other'],
    [JSON.parse('{"__proto__": {"admin": true}}'), '__proto__'],
    [cycle, '32 levels'],
    [deep, '32 levels'],
    ['x'.repeat(1_000_001), 'longer than'],
  ])('refuses %#', (value, words) => {
    expect(() => assertPlainJson(value, 'A change')).toThrow(words)
  })

  it('takes whatever JSON itself can say', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), (value) => {
        fc.pre(!JSON.stringify(value).includes('__proto__'))
        expect(() => assertPlainJson(value, 'A change')).not.toThrow()
      }),
    )
  })

  it('takes a field that is not there', () => {
    expect(() => assertPlainJson({ kind: 'stroke', pressure: undefined }, 'A change')).not.toThrow()
  })
})

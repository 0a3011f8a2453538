import { expect, it } from 'vitest'
import { counted } from './counted.ts'

it.each([
  [0, '0 steps'],
  [1, '1 step'],
  [21, '21 steps'],
])('says %i with its noun', (count, text) => expect(counted(count, 'step')).toBe(text))

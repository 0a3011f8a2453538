import { describe, expect, it } from 'vitest'
import { blendOf, mixOf, wayOf } from './labels.ts'

const labels = ['Vase', 'bowl', '0']

describe('mixOf', () => {
  it.each([
    ['vase', [1, 0, 0], 'Vase'],
    ['BOWL', [0, 1, 0], 'bowl'],
    ['1', [0, 1, 0], 'bowl'],
    ['0', [0, 0, 1], '0'],
  ])('finds a class by name, else by number (%s)', (label, weights, name) => {
    expect(mixOf(label, labels)).toEqual({ weights, name })
  })

  it.each(['3', '-1', '1.5', '', ' ', 'cup'])('refuses “%s” and says what there is', (label) => {
    expect(() => mixOf(label, labels)).toThrow(
      expect.objectContaining({ code: 'misuse', hint: 'Its labels are Vase, bowl, 0.' }),
    )
  })
})

describe('blendOf', () => {
  it('shares the weight between two labels', () => {
    expect(blendOf(['vase', 'bowl'], 0.25, labels)).toEqual({ weights: [0.75, 0.25, 0], name: '0.75 Vase, 0.25 bowl' })
  })

  it('keeps the whole weight where both are the same', () => {
    expect(blendOf(['bowl', 'bowl'], 0.5, labels).weights).toEqual([0, 1, 0])
  })

  it.each([[[]], [['vase']], [['vase', 'bowl', '0']]])('refuses %j', (chosen) => {
    expect(() => blendOf(chosen, 0.5, labels)).toThrow('exactly two labels')
  })

  it('refuses an unknown label', () => {
    expect(() => blendOf(['vase', 'cup'], 0.5, labels)).toThrow('The model has no label "cup".')
  })
})

describe('wayOf', () => {
  it('goes from the first label to the second, both ends included', () => {
    const way = wayOf(['vase', 'bowl'], 4, labels)
    expect(way.map(({ name }) => name)).toEqual([
      '1 Vase, 0 bowl',
      '0.67 Vase, 0.33 bowl',
      '0.33 Vase, 0.67 bowl',
      '0 Vase, 1 bowl',
    ])
    expect(way[0].weights).toEqual([1, 0, 0])
    expect(way[3].weights).toEqual([0, 1, 0])
    for (const { weights } of way) expect(weights.reduce((sum, weight) => sum + weight)).toBeCloseTo(1)
  })

  it('needs two labels', () => {
    expect(() => wayOf(['vase'], 4, labels)).toThrow('exactly two labels')
  })
})

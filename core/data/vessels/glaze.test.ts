import { describe, expect, it } from 'vitest'
import { Random } from '../../domain/random.ts'
import { drawGlaze, palettes } from './glaze.ts'

describe('drawGlaze', () => {
  it('offers at least eight unlike palettes', () => {
    expect(new Set(palettes.map(({ base }) => base)).size).toBeGreaterThanOrEqual(8)
    for (const { base, pattern } of palettes) expect(base).not.toBe(pattern)
  })

  it('varies every glaze and keeps its colours within linear light', () => {
    const glazes = Array.from({ length: 60 }, (_, seed) => drawGlaze(new Random(seed)))
    expect(new Set(glazes.map(({ base }) => base.join())).size).toBe(60)
    for (const { base, pattern, thin, clay, liner, shade, gloss } of glazes) {
      for (const channel of [base, pattern, thin, clay, liner, shade].flat())
        expect(channel > 0 && channel < 1).toBe(true)
      expect(gloss > 0 && gloss <= 1).toBe(true)
    }
  })
})

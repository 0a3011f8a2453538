import { describe, expect, it } from 'vitest'
import { Random } from '../../domain/random.ts'
import { angleFromNearest, undecorated, waveAt } from './decoration.ts'
import type { Decoration } from './decoration.ts'
import { traceLines } from './lines.ts'
import { lengthAbove, readMarks } from './marks.ts'
import type { Marks } from './marks.ts'
import { readProfile } from './profile.ts'
import { createHit } from './trace.ts'
import { drawVessel, traceVessel } from './vessel.ts'
import type { Vessel } from './vessel.ts'

const wave = { level: 0.45, terms: [{ form: 'zigzag', count: 9, amplitude: 0.04, phase: 1 }] } as const
const stripes = [{ count: 11, phase: 0.3, low: 0.3, high: 0.6, sway: 0.08, swayTurns: 4, halfWidth: 0.015 }]

/** What the decoration does to the wall under each of the sketch's pattern lines. */
function marksUnderPattern(vessel: Vessel): Marks[] {
  const { view, decoration, shape } = vessel
  const { slope, height } = shape.body.profile
  const hit = createHit()
  return traceLines(vessel)
    .filter(({ role }) => role === 'pattern')
    .flatMap(({ points }) => points.slice(1, -1))
    .map(({ x, y }) => {
      traceVessel(vessel, (x - view.centreX) / view.scale, (view.groundY - y) / view.scale, hit)
      const stretch = Math.hypot(1, readProfile(slope, height, hit.y))
      const marks: Marks = { paint: 0, groove: 0, tiltAround: 0, tiltUp: 0 }
      const place = { angle: Math.atan2(hit.x, hit.z), height: hit.y, radius: Math.hypot(hit.x, hit.z), stretch }
      readMarks(decoration, place, marks)
      return marks
    })
}

function vesselWith(decoration: Partial<Decoration>): Vessel {
  return { ...drawVessel('vase', new Random(6)), decoration: { ...undecorated, ...decoration } }
}

describe('sketch and picture', () => {
  it.each([
    ['rings', { rings: [{ path: wave, halfWidth: 0.014 }] }],
    ['stripes', { stripes }],
  ])('agree: the picture has paint under every line of the %s', (_, decoration) => {
    const marks = marksUnderPattern(vesselWith(decoration))
    expect(marks.length).toBeGreaterThan(40)
    expect(marks.filter(({ paint }) => paint > 0.5).length / marks.length).toBeGreaterThan(0.95)
  })

  it.each([
    ['flutes', { flutes: { count: 12, phase: 0.2, low: 0.3, high: 0.7 } }],
    ['ribs', { ribs: [0.4, 0.5, 0.6] }],
  ])('agree: the picture has a groove under every line of the %s', (_, decoration) => {
    const marks = marksUnderPattern(vesselWith(decoration))
    expect(marks.length).toBeGreaterThan(40)
    const average = marks.reduce((sum, { groove }) => sum + groove, 0) / marks.length
    expect(average).toBeGreaterThan(0.6)
  })

  it('agree on nothing: no pattern line and no paint on a plain vessel', () => {
    expect(marksUnderPattern(vesselWith({}))).toEqual([])
  })
})

describe('readMarks', () => {
  it('paints a band between its edges and a dot within its radius, and nothing beyond', () => {
    const flat = (level: number) => ({ level, terms: [] })
    const decoration = {
      ...undecorated,
      bands: [{ low: flat(0.4), high: flat(0.5) }],
      dots: [{ count: 4, phase: 0, height: 0.8, radius: 0.03 }],
    }
    const paintAt = (angle: number, height: number): number => {
      const marks: Marks = { paint: 0, groove: 0, tiltAround: 0, tiltUp: 0 }
      readMarks(decoration, { angle, height, radius: 0.3, stretch: 1 }, marks)
      return marks.paint
    }
    expect([paintAt(1, 0.45), paintAt(1, 0.38), paintAt(1, 0.52)]).toEqual([1, 0, 0])
    expect([paintAt(Math.PI / 2, 0.8), paintAt(0, 0.82), paintAt(0.2, 0.8), paintAt(0, 0.84)]).toEqual([1, 1, 0, 0])
  })
})

describe('waves', () => {
  it('close round the vessel and stay within their amplitude', () => {
    for (const form of ['sine', 'zigzag', 'arch'] as const) {
      const path = { level: 0.5, terms: [{ form, count: 7, amplitude: 0.04, phase: 0.9 }] }
      expect(waveAt(path, Math.PI)).toBeCloseTo(waveAt(path, -Math.PI), 9)
      for (let angle = -3; angle < 3; angle += 0.1) expect(Math.abs(waveAt(path, angle) - 0.5)).toBeLessThan(0.0401)
    }
  })

  it('measure length square to the line, not straight up', () => {
    const place = { angle: 0.1, height: 0.47, radius: 0.1, stretch: 1 }
    const straight = place.height - waveAt(wave, place.angle)
    expect(Math.abs(lengthAbove(wave, place))).toBeLessThan(Math.abs(straight))
    expect(lengthAbove({ level: 0.4, terms: [] }, { ...place, stretch: 2 })).toBeCloseTo(0.14, 9)
  })

  it('find the nearest of evenly spaced directions', () => {
    expect(angleFromNearest(Math.PI / 2 + 0.1, 4, 0)).toBeCloseTo(0.1, 9)
    expect(angleFromNearest(-0.1, 4, 0)).toBeCloseTo(-0.1, 9)
  })
})

import { describe, expect, it } from 'vitest'
import { Random } from '../../domain/random.ts'
import { buildProfile, radiusAt } from './profile.ts'
import { openBody } from './shape.ts'
import { createHit, traceRevolved } from './trace.ts'
import { depthAt, drawVessel, traceVessel } from './vessel.ts'

const tilt = 0.3
const camera = { sin: Math.sin(tilt), cos: Math.cos(tilt) }
const cylinder = openBody(
  buildProfile(
    [
      [0, 0.3],
      [1, 0.3],
    ],
    { footRounding: 0 },
  ),
)

describe('buildProfile', () => {
  it('keeps its ends and does not overshoot between points', () => {
    const points = [
      [0, 0.2],
      [0.5, 0.4],
      [0.6, 0.1],
      [1, 0.1],
    ] as const
    const profile = buildProfile(points, { footRounding: 0 })
    expect(radiusAt(profile, 0)).toBeCloseTo(0.2, 6)
    expect(radiusAt(profile, 1)).toBeCloseTo(0.1, 6)
    expect(profile.maxRadius).toBeLessThanOrEqual(0.4)
    expect(Math.min(...profile.radius)).toBeGreaterThanOrEqual(0.1 - 1e-9)
  })

  it('closes to a point under a dome', () => {
    const profile = buildProfile(
      [
        [0, 0.3],
        [1, 0.3],
      ],
      { dome: 0.2 },
    )
    expect(radiusAt(profile, 1)).toBeCloseTo(0, 6)
    expect(radiusAt(profile, 0.7)).toBeCloseTo(0.3, 6)
  })
})

describe('traceRevolved', () => {
  it('meets a cylinder where geometry says', () => {
    const hit = createHit()
    const x = 0.18
    const z = Math.sqrt(0.3 ** 2 - x ** 2)
    const up = 0.5 * camera.cos - z * camera.sin
    expect(traceRevolved(cylinder, camera, x, up, hit)).toBe(true)
    expect(hit.side).toBe('outside')
    expect([hit.y, hit.z]).toEqual([expect.closeTo(0.5, 3), expect.closeTo(z, 3)])
    expect([hit.nx, hit.ny, hit.nz]).toEqual([expect.closeTo(0.6, 3), expect.closeTo(0, 3), expect.closeTo(0.8, 3)])
  })

  it('sees the rim and, through the mouth, the far wall within', () => {
    const hit = createHit()
    expect(traceRevolved(cylinder, camera, 0, camera.cos, hit)).toBe(true)
    expect(hit.side).toBe('inside')
    expect(hit.z).toBeCloseTo(-(0.3 - cylinder.wall!), 3)
    hit.depth = -Infinity
    expect(traceRevolved(cylinder, camera, 0.29, camera.cos, hit)).toBe(true)
    expect(hit.side).toBe('rim')
  })

  it('misses beside, above and below, and yields to what is nearer', () => {
    const hit = createHit()
    expect(traceRevolved(cylinder, camera, 0.31, 0.5, hit)).toBe(false)
    expect(traceRevolved(cylinder, camera, 0, 1.2, hit)).toBe(false)
    expect(traceRevolved(cylinder, camera, 0, -0.2, hit)).toBe(false)
    hit.depth = 10
    expect(traceRevolved(cylinder, camera, 0, 0.5, hit)).toBe(false)
  })
})

describe('traceVessel', () => {
  it('never loses a thin stem', () => {
    for (let seed = 0; seed < 20; seed++) {
      const vessel = drawVessel('goblet', new Random(seed))
      for (let level = 0.05; level < 0.95; level += 0.004)
        expect(depthAt(vessel, 0.01, level * vessel.view.cos)).toBeGreaterThan(-Infinity)
    }
  })

  it('sees a handle in front of what it covers', () => {
    const vessel = drawVessel('jug', new Random(4))
    const [tube] = vessel.tubes
    const middle = tube.links / 2
    const hit = createHit()
    expect(traceVessel(vessel, tube.x[middle], tube.up[middle], hit)).toBe('handle')
    expect(hit.y).toBeCloseTo(tube.height[middle], 1)
    expect(Math.hypot(hit.nx, hit.ny, hit.nz)).toBeCloseTo(1, 6)
  })
})

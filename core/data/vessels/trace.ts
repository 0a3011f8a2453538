/**
 * Where a line of sight first meets the vessel. The camera is orthographic and looks down by `tilt`: a place on the screen is
 * (x, up), and along the line of sight height and z (towards the viewer) fall together, so the first hit is the highest one.
 */
import { smoothStep } from './choices.ts'
import { readProfile } from './profile.ts'
import type { Revolved } from './shape.ts'

export interface Camera {
  readonly sin: number
  readonly cos: number
}

export type Side = 'outside' | 'inside' | 'rim' | 'handle'

/** One hit, filled in place because millions are made. Normal of length 1, pointing to the viewer's side of the wall. */
export interface Hit {
  /** Nearness to the viewer along the line of sight. */
  depth: number
  side: Side
  x: number
  /** Height above the part's own base. */
  y: number
  z: number
  nx: number
  ny: number
  nz: number
}

export function createHit(): Hit {
  return { depth: -Infinity, side: 'outside', x: 0, y: 0, z: 0, nx: 0, ny: 0, nz: 1 }
}

const spoutSharpness = 5

/** The radius at a height, pouring lip included, in the direction of (x, z). */
export function radiusTowards(part: Revolved, x: number, y: number, z: number): number {
  const { profile } = part
  const radius = readProfile(profile.radius, profile.height, y)
  if (part.spout === 0 || y < profile.height - part.spoutLength) return radius
  const facing = (part.spoutSide * x) / (Math.sqrt(x * x + z * z) || 1)
  return facing <= 0 ? radius : radius + spoutReach(part, y) * facing ** spoutSharpness
}

/** How far the pouring lip reaches out at a height. */
export function spoutReach(part: Revolved, y: number): number {
  return part.spout * smoothStep(0, 1, (y - part.profile.height) / part.spoutLength + 1) ** 1.5
}

/** Distance from the outer wall, < 0 within it. */
function gapOutside(part: Revolved, x: number, y: number, z: number): number {
  return Math.sqrt(x * x + z * z) - radiusTowards(part, x, y, z)
}

/** As gapOutside for the wall of the hollow, seen from within: > 0 in the hollow. */
function gapInside(part: Revolved, x: number, y: number, z: number): number {
  const opening = Math.sqrt(Math.min(1, Math.max(0, (y - part.floor) / (0.3 * part.profile.height))))
  return Math.max(0, radiusTowards(part, x, y, z) - part.wall!) * opening - Math.sqrt(x * x + z * z)
}

/** Fills `hit` and answers true when the part is seen at (x, up) and is nearer than what `hit` already holds. */
export function traceRevolved(part: Revolved, camera: Camera, x: number, up: number, hit: Hit): boolean {
  const { sin, cos } = camera
  const { height, maxRadius } = part.profile
  const level = up - part.base * cos
  const chord = (maxRadius + part.spout) ** 2 - x * x
  if (chord <= 0) return false
  const swing = Math.sqrt(chord) * sin
  const top = Math.min(height, (level + swing) / cos)
  const bottom = Math.max(0, (level - swing) / cos)
  if (top <= bottom) return false
  const zTop = (top * cos - level) / sin
  const gap = gapOutside(part, x, top, zTop)
  const intoMouth = top === height && gap < 0 && part.wall !== undefined
  if (intoMouth && -gap <= part.wall) return settle(part, camera, x, top, zTop, 'rim', hit)
  const gapAt = intoMouth ? gapInside : gapOutside
  // Where the line of sight passes the axis it is certain to meet even a thin stem.
  const axis = Math.min(top, Math.max(bottom, level / cos))
  let y = firstBelow(gapAt, part, camera, x, level, top, axis)
  if (Number.isNaN(y)) y = firstBelow(gapAt, part, camera, x, level, axis, bottom)
  if (Number.isNaN(y)) return false
  return settle(part, camera, x, y, (y * cos - level) / sin, intoMouth ? 'inside' : 'outside', hit)
}

/** The highest y between top and bottom where the gap closes, by small steps and then halving; NaN where it stays open. */
function firstBelow(
  gapAt: (part: Revolved, x: number, y: number, z: number) => number,
  part: Revolved,
  { sin, cos }: Camera,
  x: number,
  level: number,
  top: number,
  bottom: number,
): number {
  const steps = Math.ceil((top - bottom) / 0.016)
  let above = top
  let gapAbove = gapAt(part, x, top, (top * cos - level) / sin)
  if (gapAbove <= 0) return top
  for (let i = 1; i <= steps; i++) {
    let below = top - ((top - bottom) * i) / steps
    let gapBelow = gapAt(part, x, below, (below * cos - level) / sin)
    if (gapBelow > 0) {
      above = below
      gapAbove = gapBelow
      continue
    }
    // False position, kept from stalling by halving every other time.
    for (let k = 0; k < 4; k++) {
      const share = k % 2 === 1 ? 0.5 : gapAbove / (gapAbove - gapBelow)
      const middle = above + share * (below - above)
      const gap = gapAt(part, x, middle, (middle * cos - level) / sin)
      if (gap > 0) {
        above = middle
        gapAbove = gap
      } else {
        below = middle
        gapBelow = gap
      }
    }
    return above + (gapAbove / (gapAbove - gapBelow)) * (below - above)
  }
  return NaN
}

function settle(part: Revolved, { sin, cos }: Camera, x: number, y: number, z: number, side: Side, hit: Hit): boolean {
  const depth = (y + part.base) * sin + z * cos
  if (depth <= hit.depth) return false
  hit.depth = depth
  hit.side = side
  hit.x = x
  hit.y = y
  hit.z = z
  setNormal(part, hit)
  return true
}

/** The gradient of (distance to the axis - radius); turned inwards for the hollow, rolled over the lip for the rim. */
function setNormal(part: Revolved, hit: Hit): void {
  const { x, y, z } = hit
  const { profile, spout, spoutSide } = part
  const distance = Math.sqrt(x * x + z * z) || 1e-6
  let nx = x / distance
  let ny = -readProfile(profile.slope, profile.height, y)
  let nz = z / distance
  const facing = (spoutSide * x) / distance
  if (spout > 0 && facing > 0 && y > profile.height - part.spoutLength) {
    const reach = spoutReach(part, y)
    const turn = (reach * spoutSharpness * facing ** (spoutSharpness - 1) * spoutSide) / distance ** 3
    ny -= ((reach - spoutReach(part, y - 0.004)) / 0.004) * facing ** spoutSharpness
    nx -= turn * z * z
    nz += turn * x * z
  }
  if (hit.side === 'inside') {
    nx = -nx
    ny = -ny + 0.1
    nz = -nz
  }
  if (hit.side === 'rim') {
    const across = ((distance - radiusTowards(part, x, y, z)) / part.wall!) * 2 + 1
    nx *= across
    nz *= across
    ny = 1.1
  }
  const length = Math.sqrt(nx * nx + ny * ny + nz * nz)
  hit.nx = nx / length
  hit.ny = ny / length
  hit.nz = nz / length
}

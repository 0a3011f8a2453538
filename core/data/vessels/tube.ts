/** Handles: a curve swept by a ball, seen as a chain of balls on the screen. */
import type { Handle } from './shape.ts'
import type { Camera, Hit } from './trace.ts'

/** Per link: centre (x, up) on the screen, nearness, direction on the screen, place in space, thickness (a radius). */
export interface Tube {
  readonly links: number
  /** Extent on the screen, sideways. */
  readonly left: number
  readonly right: number
  readonly x: Float64Array
  readonly up: Float64Array
  readonly depth: Float64Array
  readonly directionX: Float64Array
  readonly directionUp: Float64Array
  readonly height: Float64Array
  readonly z: Float64Array
  readonly thickness: Float64Array
}

const links = 36

export function buildTube({ curve, thickness, azimuth }: Handle, { sin, cos }: Camera): Tube {
  const along = (value: (t: number) => number): Float64Array =>
    Float64Array.from({ length: links + 1 }, (_, i) => value(i / links))
  const bezier = (axis: 0 | 1, t: number): number => {
    const [a, b, c, d] = curve
    const rest = 1 - t
    return rest ** 3 * a[axis] + 3 * rest * rest * t * b[axis] + 3 * rest * t * t * c[axis] + t ** 3 * d[axis]
  }
  const height = along((t) => bezier(1, t))
  const z = along((t) => bezier(0, t) * Math.sin(azimuth))
  const x = along((t) => bezier(0, t) * Math.cos(azimuth))
  const up = height.map((y, i) => y * cos - z[i] * sin)
  const towardsNext = (values: Float64Array, i: number): number =>
    values[Math.min(links, i + 1)] - values[Math.max(0, i - 1)]
  const length = (i: number): number => Math.hypot(towardsNext(x, i), towardsNext(up, i)) || 1
  return {
    links,
    left: Math.min(...x) - 1.3 * thickness,
    right: Math.max(...x) + 1.3 * thickness,
    x,
    up,
    depth: height.map((y, i) => y * sin + z[i] * cos),
    directionX: x.map((_, i) => towardsNext(x, i) / length(i)),
    directionUp: x.map((_, i) => towardsNext(up, i) / length(i)),
    height,
    z,
    // Clay is pressed on at both ends.
    thickness: along((t) => thickness * (0.9 + 0.35 * Math.abs(2 * t - 1) ** 3)),
  }
}

/** Fills `hit` and answers true when the handle is seen at (x, up) and is nearer than what `hit` already holds. */
export function traceTube(tube: Tube, { sin, cos }: Camera, x: number, up: number, hit: Hit): boolean {
  if (x < tube.left || x > tube.right) return false
  let place = -1
  for (let i = 0; i < links; i++) {
    const fromX = x - tube.x[i]
    const fromUp = up - tube.up[i]
    const linkX = tube.x[i + 1] - tube.x[i]
    const linkUp = tube.up[i + 1] - tube.up[i]
    const t = Math.min(1, Math.max(0, (fromX * linkX + fromUp * linkUp) / (linkX * linkX + linkUp * linkUp + 1e-12)))
    const away = (fromX - t * linkX) ** 2 + (fromUp - t * linkUp) ** 2
    const thickness = read(tube.thickness, i + t)
    if (away >= thickness * thickness) continue
    const depth = read(tube.depth, i + t) + Math.sqrt(thickness * thickness - away)
    if (depth <= hit.depth) continue
    hit.depth = depth
    place = i + t
  }
  if (place < 0) return false
  const foot = squareFoot(tube, x, up, place)
  const directionX = read(tube.directionX, foot)
  const directionUp = read(tube.directionUp, foot)
  const offset = directionX * (up - read(tube.up, foot)) - directionUp * (x - read(tube.x, foot))
  const across = Math.max(-1, Math.min(1, offset / read(tube.thickness, foot)))
  const towards = Math.sqrt(1 - across * across)
  hit.side = 'handle'
  hit.x = x
  hit.nx = -directionUp * across
  hit.ny = directionX * across * cos + towards * sin
  hit.nz = towards * cos - directionX * across * sin
  hit.y = read(tube.height, foot) + read(tube.thickness, foot) * hit.ny
  hit.z = (hit.depth - hit.y * sin) / cos
  return true
}

/**
 * The place on the tube to which (x, up) lies square, taking the direction as turning evenly along each link: else every link would
 * show in the gloss. Newton's method from the nearest place.
 */
function squareFoot(tube: Tube, x: number, up: number, start: number): number {
  const ahead = (place: number): number =>
    (x - read(tube.x, place)) * read(tube.directionX, place) +
    (up - read(tube.up, place)) * read(tube.directionUp, place)
  let place = start
  for (let k = 0; k < 2; k++) {
    const here = ahead(place)
    const fall = (here - ahead(place + 0.25)) / 0.25
    if (fall > 1e-6) place = Math.max(start - 1, Math.min(start + 1, place + here / fall))
  }
  return place
}

/** The value at a place along the tube (links and parts of them), linear between. */
function read(values: Float64Array, place: number): number {
  const index = Math.max(0, Math.min(links - 1, Math.floor(place)))
  return values[index] + (place - index) * (values[index + 1] - values[index])
}

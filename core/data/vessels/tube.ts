/** Handles: a curve swept by a ball, seen as a chain of balls on the screen. */
import type { Handle } from './shape.ts'
import type { Camera, Hit } from './trace.ts'

/** Per link: centre (x, up) on the screen, nearness, direction on the screen, place in space, thickness (a radius). */
export interface Tube {
  readonly links: number
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
  let nearest = -1
  let share = 0
  let offset = 0
  for (let i = 0; i < links; i++) {
    const fromX = x - tube.x[i]
    const fromUp = up - tube.up[i]
    const linkX = tube.x[i + 1] - tube.x[i]
    const linkUp = tube.up[i + 1] - tube.up[i]
    const t = Math.min(1, Math.max(0, (fromX * linkX + fromUp * linkUp) / (linkX * linkX + linkUp * linkUp + 1e-12)))
    const thickness = tube.thickness[i] + t * (tube.thickness[i + 1] - tube.thickness[i])
    const dx = (fromX - t * linkX) / thickness
    const du = (fromUp - t * linkUp) / thickness
    const away = dx * dx + du * du
    if (away >= 1) continue
    const depth = tube.depth[i] + t * (tube.depth[i + 1] - tube.depth[i]) + thickness * Math.sqrt(1 - away)
    if (depth <= hit.depth) continue
    hit.depth = depth
    nearest = i
    share = t
    offset = Math.sqrt(away) * (linkX * du - linkUp * dx < 0 ? -1 : 1)
  }
  if (nearest < 0) return false
  const between = (values: Float64Array): number => values[nearest] + share * (values[nearest + 1] - values[nearest])
  // Square to the smooth curve, not to the straight link: else every link would show in the gloss.
  const directionX = between(tube.directionX)
  const directionUp = between(tube.directionUp)
  const scale = offset / (Math.sqrt(directionX * directionX + directionUp * directionUp) || 1)
  const dx = -directionUp * scale
  const du = directionX * scale
  const towards = Math.sqrt(Math.max(0, 1 - offset * offset))
  hit.side = 'handle'
  hit.x = x
  hit.nx = dx
  hit.ny = du * cos + towards * sin
  hit.nz = towards * cos - du * sin
  hit.y = between(tube.height) + between(tube.thickness) * hit.ny
  hit.z = (hit.depth - hit.y * sin) / cos
  return true
}

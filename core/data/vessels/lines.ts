/**
 * The lines a person would draw of a vessel: contour, rim, foot, joints, pattern, handles. Each is a curve in space, cut where the
 * vessel hides it; the result is frame coordinates (0..1, right and down).
 */
import { swayAt, waveAt } from './decoration.ts'
import type { Wave } from './decoration.ts'
import { profileSteps, readProfile } from './profile.ts'
import type { Revolved } from './shape.ts'
import { radiusTowards } from './trace.ts'
import type { Tube } from './tube.ts'
import { depthAt } from './vessel.ts'
import type { Vessel } from './vessel.ts'

export interface Point {
  readonly x: number
  readonly y: number
}

/** `form` lines are pressed harder than `pattern` lines. */
export interface Line {
  readonly role: 'form' | 'pattern'
  readonly points: readonly Point[]
}

/** A point on the screen with its nearness; undefined interrupts the curve. */
type ScreenPoint = { readonly x: number; readonly up: number; readonly depth: number } | undefined

/** Less than this in front does not hide: the surface bends away under its own contour. */
const tolerance = 0.045

export function traceLines(vessel: Vessel): Line[] {
  const { shape, tubes } = vessel
  const parts = shape.shade === undefined ? [shape.body] : [shape.body, shape.shade]
  const form = [
    ...parts.flatMap((part) => [contour(vessel, part, -1), contour(vessel, part, 1)]),
    ...parts.filter(({ wall }) => wall !== undefined).map((part) => around(vessel, part, part.profile.height)),
    ...parts.map((part) => around(vessel, part, 0)),
    ...shape.joints.map((height) => around(vessel, shape.body, height)),
    ...tubes.flatMap((tube) => [tubeEdge(tube, -1), tubeEdge(tube, 1)]),
  ]
  return [
    ...form.flatMap((curve) => cut(vessel, curve, 'form')),
    ...patternCurves(vessel).flatMap((curve) => cut(vessel, curve, 'pattern')),
  ]
}

function patternCurves(vessel: Vessel): ScreenPoint[][] {
  const { shape, decoration } = vessel
  const { body } = shape
  const ringPath = (path: Wave) => wallCurve(vessel, -1.75, 1.75, 140, (angle) => [angle, waveAt(path, angle)])
  const bars = (count: number, phase: number, draw: (angle: number) => ScreenPoint[]) =>
    Array.from({ length: count }, (_, k) => draw(nearFront(phase + (2 * Math.PI * k) / count)))
  return [
    ...decoration.rings.map(({ path }) => ringPath(path)),
    ...decoration.bands.flatMap(({ low, high }) => [ringPath(low), ringPath(high)]),
    ...decoration.ribs.map((height) => around(vessel, body, height)),
    ...[decoration.dip, decoration.edge].filter((path) => path !== undefined).map(ringPath),
    ...decoration.stripes.flatMap((stripe) =>
      bars(stripe.count, stripe.phase, (angle) =>
        wallCurve(vessel, stripe.low, stripe.high, 40, (height) => [angle + swayAt(stripe, height), height]),
      ),
    ),
    ...(decoration.flutes === undefined ? [] : [decoration.flutes]).flatMap(({ count, phase, low, high }) =>
      bars(count, phase, (angle) => wallCurve(vessel, low + 0.03, high - 0.03, 40, (height) => [angle, height])),
    ),
    ...decoration.dots.flatMap(({ count, phase, height, radius }) =>
      bars(count, phase, (angle) => {
        const reach = readProfile(body.profile.radius, body.profile.height, height)
        const stretch = Math.hypot(1, readProfile(body.profile.slope, body.profile.height, height))
        return wallCurve(vessel, 0, 2.1 * Math.PI, 18, (turn) => [
          angle + (radius * Math.cos(turn)) / reach,
          height + (radius * Math.sin(turn)) / stretch,
        ])
      }),
    ),
  ]
}

/** A curve on the outside of the body; only what faces the viewer. `place` answers angle and height. */
function wallCurve(
  vessel: Vessel,
  from: number,
  to: number,
  steps: number,
  place: (t: number) => readonly [angle: number, height: number],
): ScreenPoint[] {
  const { profile } = vessel.shape.body
  const { sin, cos } = vessel.view
  return Array.from({ length: steps + 1 }, (_, i) => {
    const [angle, height] = place(from + ((to - from) * i) / steps)
    const slope = readProfile(profile.slope, profile.height, height)
    const facing = (Math.cos(angle) * cos - slope * sin) / Math.hypot(1, slope)
    return facing < 0.04 ? undefined : screenPoint(vessel, vessel.shape.body, angle, height)
  })
}

/** The whole circle at a height, from the back round the front. */
function around(vessel: Vessel, part: Revolved, height: number): ScreenPoint[] {
  return Array.from({ length: 161 }, (_, i) => screenPoint(vessel, part, Math.PI * ((2.06 * i) / 160 - 1.03), height))
}

/** Where the surface turns away from the viewer: cos(angle) = slope tan(tilt). It ends in the middle where none does. */
function contour(vessel: Vessel, part: Revolved, side: 1 | -1): ScreenPoint[] {
  const { sin, cos } = vessel.view
  const { profile } = part
  const turns = profile.slope.map((slope) => (slope * sin) / cos)
  return Array.from(turns, (turn, i) => {
    const ends = Math.abs(turns[Math.max(0, i - 1)]) < 1 || Math.abs(turns[Math.min(profileSteps, i + 1)]) < 1
    if (Math.abs(turn) > 1 && !ends) return undefined
    const angle = side * Math.acos(Math.max(-1, Math.min(1, turn)))
    return screenPoint(vessel, part, angle, (profile.height * i) / profileSteps)
  })
}

function screenPoint({ view }: Vessel, part: Revolved, angle: number, height: number): ScreenPoint {
  const side = Math.sin(angle)
  const front = Math.cos(angle)
  const radius = radiusTowards(part, side, height, front)
  const level = part.base + height
  const z = radius * front
  return { x: radius * side, up: level * view.cos - z * view.sin, depth: level * view.sin + z * view.cos }
}

function tubeEdge(tube: Tube, side: 1 | -1): ScreenPoint[] {
  return Array.from(tube.x, (x, i) => ({
    x: x - side * tube.thickness[i] * tube.directionUp[i],
    up: tube.up[i] + side * tube.thickness[i] * tube.directionX[i],
    depth: tube.depth[i],
  }))
}

/** Splits a curve at hidden points; crumbs of less than three points are dropped. */
function cut(vessel: Vessel, curve: readonly ScreenPoint[], role: Line['role']): Line[] {
  const { scale, centreX, groundY } = vessel.view
  const lines: Point[][] = [[]]
  for (const point of curve) {
    if (point === undefined || depthAt(vessel, point.x, point.up) > point.depth + tolerance) lines.push([])
    else lines[lines.length - 1].push({ x: centreX + scale * point.x, y: groundY - scale * point.up })
  }
  return lines.filter(({ length }) => length > 2).map((points) => ({ role, points }))
}

/** The same direction within -pi..pi of the front. */
function nearFront(angle: number): number {
  return angle - 2 * Math.PI * Math.round(angle / (2 * Math.PI))
}

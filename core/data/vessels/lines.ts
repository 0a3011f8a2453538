/**
 * The lines a person would draw of a vessel: contour, rim, foot, joints, pattern, handles. Each is a curve in space, cut where the
 * vessel hides it; the result is frame coordinates (0..1, right and down).
 */
import { swayAt, waveAt } from './decoration.ts'
import type { Wave } from './decoration.ts'
import { profileSteps, readProfile } from './profile.ts'
import type { Revolved } from './shape.ts'
import { radiusTowards, spoutReach } from './trace.ts'
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
interface Seen {
  readonly x: number
  readonly up: number
  readonly depth: number
}
type ScreenPoint = Seen | undefined

/** Less than this in front does not hide: the surface bends away under its own contour. */
const tolerance = 0.045

export function traceLines(vessel: Vessel): Line[] {
  const { shape, tubes } = vessel
  const parts = shape.shade === undefined ? [shape.body] : [shape.body, shape.shade]
  const form = [
    ...parts.flatMap((part) => [contour(vessel, part, -1), contour(vessel, part, 1)]),
    ...parts.filter(({ wall }) => wall !== undefined).map((part) => around(vessel, part, part.profile.height)),
    ...parts.map((part) => around(vessel, part, 0)),
    ...shape.joints.map((height) => ringAt(vessel, { level: height, terms: [] })),
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
  const paths = [
    ...decoration.rings.map(({ path }) => path),
    ...decoration.bands.flatMap(({ low, high }) => [low, high]),
    ...decoration.ribs.map((height) => ({ level: height, terms: [] })),
    ...[decoration.dip, decoration.edge].filter((path) => path !== undefined),
  ]
  const bars = (count: number, phase: number, draw: (angle: number) => ScreenPoint[]) =>
    Array.from({ length: count }, (_, k) => draw(nearFront(phase + (2 * Math.PI * k) / count)))
  return [
    ...paths.map((path) => ringAt(vessel, path)),
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

/** A line round the front of the body. */
function ringAt(vessel: Vessel, path: Wave): ScreenPoint[] {
  return wallCurve(vessel, -1.75, 1.75, 140, (angle) => [angle, waveAt(path, angle)])
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
  const { slope, height } = part.profile
  const points: ScreenPoint[] = []
  for (let i = 0; i < profileSteps; i++) {
    const from = (slope[i] * sin) / cos
    const to = (slope[i + 1] * sin) / cos
    // On a sharp edge the contour runs round much of the vessel between two heights.
    const pieces = Math.ceil(Math.abs(to - from) / 0.04) || 1
    for (let k = 0; k < pieces; k++) {
      const turn = from + ((to - from) * k) / pieces
      points.push(
        Math.abs(turn) > 1
          ? undefined
          : contourPoint(vessel, part, side, turn, ((i + k / pieces) * height) / profileSteps),
      )
    }
  }
  return points
}

function contourPoint(vessel: Vessel, part: Revolved, side: 1 | -1, turn: number, height: number): ScreenPoint {
  const angle = Math.acos(turn)
  if (part.spout === 0 || part.spoutSide !== side) return screenPoint(vessel, part, side * angle, height)
  // A pouring lip is outlined by its own ridge, which points straight sideways; the lip's flank, nearer by a little, is no cover.
  const lip = Math.min(1, (4 * spoutReach(part, height)) / part.spout)
  const point = screenPoint(vessel, part, side * (angle + lip * (Math.PI / 2 - angle)), height)
  return { ...point, depth: point.depth + 0.12 * lip }
}

function screenPoint({ view }: Vessel, part: Revolved, angle: number, height: number): Seen {
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

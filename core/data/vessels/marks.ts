/** Reads a decoration at one place of the wall: how much paint lies there, and which way grooves tilt the surface. */
import { smoothStep } from './choices.ts'
import { angleFromNearest, swayAt, waveAt } from './decoration.ts'
import type { Decoration, Wave } from './decoration.ts'

/** Filled in place; all zero on a bare wall. */
export interface Marks {
  /** 0 none .. 1 full. */
  paint: number
  /** 0 flat .. 1 bottom of a groove. */
  groove: number
  /** Height of the surface per length, round the vessel and upwards. */
  tiltAround: number
  tiltUp: number
}

export interface Place {
  readonly angle: number
  readonly height: number
  readonly radius: number
  /** Length along the wall per height: sqrt(1 + slope^2). */
  readonly stretch: number
}

const softness = 0.003
const fluteDepth = 0.035
const ribDepth = 0.007
const ribWidth = 0.016

export function readMarks(decoration: Decoration, place: Place, marks: Marks): void {
  marks.paint = paintAt(decoration, place)
  marks.groove = 0
  marks.tiltAround = 0
  marks.tiltUp = 0
  if (decoration.flutes !== undefined) carveFlutes(decoration.flutes, place, marks)
  for (const rib of decoration.ribs) {
    const away = (place.height - rib) / ribWidth
    if (Math.abs(away) > 3) continue
    const depth = Math.exp(-away * away)
    marks.groove = Math.max(marks.groove, depth)
    marks.tiltUp += (2 * away * depth * ribDepth) / ribWidth
  }
}

/** Length from a place on the wall up to a line round the vessel (negative: the place lies below it). */
export function lengthAbove(path: Wave, { angle, height, radius, stretch }: Place): number {
  const away = (height - waveAt(path, angle)) * stretch
  if (path.terms.length === 0 || Math.abs(away) > 0.12) return away
  const rise = ((waveAt(path, angle + 0.01) - waveAt(path, angle - 0.01)) * stretch) / (0.02 * radius)
  return away / Math.sqrt(1 + rise * rise)
}

function paintAt(decoration: Decoration, place: Place): number {
  let paint = 0
  const cover = (amount: number): void => {
    if (amount > paint) paint = amount
  }
  for (const { path, halfWidth } of decoration.rings) cover(stroke(Math.abs(lengthAbove(path, place)), halfWidth))
  for (const { low, high } of decoration.bands)
    cover(Math.min(stroke(-lengthAbove(low, place), 0), stroke(lengthAbove(high, place), 0)))
  for (const stripe of decoration.stripes) {
    const ends = Math.min(place.height - stripe.low, stripe.high - place.height) * place.stretch
    if (ends <= 0) continue
    const sway = swayAt(stripe, place.height)
    const lean = ((swayAt(stripe, place.height + 0.002) - sway) / 0.002) * (place.radius / place.stretch)
    const away = angleFromNearest(place.angle - sway, stripe.count, stripe.phase) * place.radius
    cover(stroke(Math.abs(away) / Math.sqrt(1 + lean * lean), stripe.halfWidth * smoothStep(-0.01, 0.03, ends)))
  }
  for (const { count, phase, height, radius } of decoration.dots) {
    const up = (place.height - height) * place.stretch
    if (Math.abs(up) > radius + softness) continue
    const across = angleFromNearest(place.angle, count, phase) * place.radius
    cover(stroke(Math.hypot(across, up), radius))
  }
  return paint
}

/** 1 within halfWidth of a line, 0 beyond it. */
function stroke(distance: number, halfWidth: number): number {
  return 1 - smoothStep(halfWidth - softness, halfWidth + softness, distance)
}

/** Round lobes between sharp upright grooves, fading out at both ends. */
function carveFlutes(flutes: NonNullable<Decoration['flutes']>, place: Place, marks: Marks): void {
  const { count, phase, low, high } = flutes
  const fade = smoothStep(low, low + 0.09, place.height) * smoothStep(high, high - 0.09, place.height)
  if (fade <= 0) return
  const half = (count / 2) * angleFromNearest(place.angle, count, phase)
  const bulge = Math.abs(Math.sin(half))
  // The lobe is bulge high; near the groove its slope is softened so that it does not flip within a pixel.
  const slope = ((Math.cos(half) * Math.sin(half)) / Math.sqrt(bulge * bulge + 0.02)) * (count / 2)
  marks.groove = fade * (1 - bulge) ** 3
  marks.tiltAround = (fluteDepth * fade * slope) / (place.radius + 0.02)
}

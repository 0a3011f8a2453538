/**
 * The program's own data set: pairs of a hand-like sketch and the picture of a glazed vessel, drawn by formula from a seed.
 * The sketch says form and decoration; glaze, clay, texture and room are free, so one sketch has many right pictures.
 */
import type { Picture } from '../../domain/picture.ts'
import { Random } from '../../domain/random.ts'
import { pick } from './choices.ts'
import { drawGlaze } from './glaze.ts'
import { traceLines } from './lines.ts'
import { renderVessel } from './render.ts'
import { vesselKinds } from './shape.ts'
import type { VesselKind } from './shape.ts'
import { drawVesselSketch } from './sketch.ts'
import { drawStrokes } from './strokes.ts'
import type { Stroke } from './strokes.ts'
import { drawVessel } from './vessel.ts'

export { drawVesselSketch, vesselKinds }
export type { Stroke, VesselKind }

export interface VesselPair {
  readonly kind: VesselKind
  /** RGB, dark lines on white. */
  readonly sketch: Picture
  /** RGB. */
  readonly picture: Picture
  /** The sketch's strokes, in 0..1 coordinates: drawVesselSketch(strokes, size) is the sketch. */
  readonly strokes: readonly Stroke[]
}

export interface VesselOptions {
  /** Another glaze and room on the same vessel with the same sketch; normally the seed itself. */
  readonly glazeSeed?: number
  /** Draws this kind instead of one that the seed chooses. */
  readonly kind?: VesselKind
}

/** One pair of size x size pixels (16 or more). The same arguments give the same bytes. */
export function drawVesselPair(seed: number, size: number, options: VesselOptions = {}): VesselPair {
  const form = new Random(seed, 1)
  const chosen = pick(form, vesselKinds)
  const kind = options.kind ?? chosen
  const vessel = drawVessel(kind, form)
  const strokes = drawStrokes(traceLines(vessel), new Random(seed, 2))
  const glaze = drawGlaze(new Random(options.glazeSeed ?? seed, 3))
  return { kind, sketch: drawVesselSketch(strokes, size), picture: renderVessel(vessel, glaze, size), strokes }
}

/** `count` pairs; pair i depends on the seed and i alone, so a longer list begins like a shorter one. */
export function drawVessels(count: number, size: number, seed: number): VesselPair[] {
  if (!Number.isInteger(count) || count < 0) throw new RangeError(`count ${count}: a whole number from 0`)
  return Array.from({ length: count }, (_, index) => drawVesselPair(new Random(seed, index).next(), size))
}

/** One vessel in front of the camera: shape, decoration, and where it stands in the frame. Everything here shows in the sketch. */
import type { Random } from '../../domain/random.ts'
import { between } from './choices.ts'
import { drawDecoration } from './decoration.ts'
import type { Decoration } from './decoration.ts'
import { drawShape } from './shapes.ts'
import type { Revolved, Shape, VesselKind } from './shape.ts'
import { createHit, traceRevolved } from './trace.ts'
import type { Camera, Hit } from './trace.ts'
import { buildTube, traceTube } from './tube.ts'
import type { Tube } from './tube.ts'
import { profileSteps } from './profile.ts'

/** Frame coordinates run from 0 to 1, right and down: frameX = centreX + scale x, frameY = groundY - scale up. */
export interface View extends Camera {
  readonly scale: number
  readonly centreX: number
  readonly groundY: number
}

export interface Vessel {
  readonly shape: Shape
  readonly decoration: Decoration
  readonly tubes: readonly Tube[]
  readonly view: View
  /** Extent on the screen, in the vessel's unit. */
  readonly bounds: Bounds
}

export interface Bounds {
  readonly left: number
  readonly right: number
  readonly bottom: number
  readonly top: number
}

const margin = 0.06

export function drawVessel(kind: VesselKind, random: Random): Vessel {
  const shape = drawShape(kind, random)
  const decoration = drawDecoration(shape, random)
  const tilt = between(random, 0.19, 0.36)
  const camera = { sin: Math.sin(tilt), cos: Math.cos(tilt) }
  const tubes = shape.handles.map((handle) => buildTube(handle, camera))
  const bounds = measure(shape, tubes, camera)
  return { shape, decoration, tubes, bounds, view: { ...camera, ...placeInFrame(bounds, random) } }
}

/** What is seen at (x, up), or undefined where there is only background. The same `hit` may be used for every call. */
export function traceVessel(vessel: Vessel, x: number, up: number, hit: Hit): 'body' | 'shade' | 'handle' | undefined {
  const { shape, tubes, view } = vessel
  hit.depth = -Infinity
  let part: 'body' | 'shade' | 'handle' | undefined
  if (traceRevolved(shape.body, view, x, up, hit)) part = 'body'
  if (shape.shade !== undefined && traceRevolved(shape.shade, view, x, up, hit)) part = 'shade'
  for (const tube of tubes) if (traceTube(tube, view, x, up, hit)) part = 'handle'
  return part
}

/** How near the vessel is at (x, up): its depth there, -Infinity beside it. */
export function depthAt(vessel: Vessel, x: number, up: number): number {
  const hit = createHit()
  traceVessel(vessel, x, up, hit)
  return hit.depth
}

function placeInFrame({ left, right, bottom, top }: Bounds, random: Random): Omit<View, keyof Camera> {
  const width = right - left
  const height = top - bottom
  const scale = Math.min(0.84 / width, 0.86 / height) * between(random, 0.88, 1)
  const slackX = (1 - 2 * margin - scale * width) / 2
  const middleX = 0.5 + Math.max(-0.05, Math.min(0.05, slackX * between(random, -1, 1)))
  const low = Math.min(1 - margin, 0.5 + (scale * height) / 2 + between(random, 0.01, 0.1))
  return { scale, centreX: middleX - (scale * (left + right)) / 2, groundY: low + scale * bottom }
}

function measure(shape: Shape, tubes: readonly Tube[], camera: Camera): Bounds {
  const parts = shape.shade === undefined ? [shape.body] : [shape.body, shape.shade]
  const bounds = [
    ...parts.map((part) => measureRevolved(part, camera)),
    ...tubes.flatMap(({ x, up, thickness }) =>
      Array.from(x, (across, i) => ({
        left: across - thickness[i],
        right: across + thickness[i],
        bottom: up[i] - thickness[i],
        top: up[i] + thickness[i],
      })),
    ),
  ]
  return {
    left: Math.min(...bounds.map(({ left }) => left)),
    right: Math.max(...bounds.map(({ right }) => right)),
    bottom: Math.min(...bounds.map(({ bottom }) => bottom)),
    top: Math.max(...bounds.map(({ top }) => top)),
  }
}

function measureRevolved({ base, profile, spout, spoutSide }: Revolved, { sin, cos }: Camera): Bounds {
  const ups = Array.from(profile.radius, (radius, i) => ({
    level: (base + (profile.height * i) / profileSteps) * cos,
    swing: radius * sin,
  }))
  const lip = profile.radius[profileSteps] + spout
  return {
    left: Math.min(-profile.maxRadius, spoutSide === -1 ? -lip : 0),
    right: Math.max(profile.maxRadius, spoutSide === 1 ? lip : 0),
    bottom: Math.min(...ups.map(({ level, swing }) => level - swing)),
    top: Math.max(...ups.map(({ level, swing }) => level + swing)),
  }
}

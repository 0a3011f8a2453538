/**
 * The studio light: a soft key from the upper left, a cool rim from the right, sky and table bounce, and what a glossy glaze mirrors:
 * a window on the left, a tall strip on the right, a pale room. Fresnel after Schlick (1994).
 */
import { smoothStep } from './choices.ts'
import type { Surroundings } from './glaze.ts'
import type { Surface } from './surface.ts'
import type { Camera } from './trace.ts'

/** Unit vector towards the key light: right, up, towards the viewer. */
export const keyLight = unit(-0.62, 0.62, 0.48)
const rimLight = unit(0.86, 0.2, -0.4)

/** Writes the light that the surface sends to the viewer to target[0..2], linear. */
export function reflect(surface: Surface, camera: Camera, room: Surroundings, target: Float64Array): void {
  const { nx, ny, nz, open, lit } = surface
  const facing = nx * keyLight.x + ny * keyLight.y + nz * keyLight.z
  const key = 0.98 * lit * Math.max(0, (facing + 0.15) / 1.15) ** 1.1
  const rim = 0.24 * lit * Math.max(0, nx * rimLight.x + ny * rimLight.y + nz * rimLight.z)
  const sky = open * (0.15 + 0.1 * ny)
  const bounce = open * 0.7 * Math.max(0, 0.45 - 0.55 * ny)
  const shine = lit * mirrored(surface, camera)
  target[0] = surface.red * (1.04 * key + 0.92 * rim + 0.95 * sky + bounce * room.table[0]) + 1.01 * shine
  target[1] = surface.green * (key + rim + sky + bounce * room.table[1]) + shine
  target[2] = surface.blue * (0.94 * key + 1.12 * rim + 1.08 * sky + bounce * room.table[2]) + 0.98 * shine
}

function mirrored({ nx, ny, nz, gloss, open }: Surface, { sin, cos }: Camera): number {
  const towards = Math.max(0, ny * sin + nz * cos)
  const fresnel = 0.045 + 0.955 * (1 - Math.max(0.1, towards)) ** 5
  const rise = Math.asin(Math.max(-1, Math.min(1, 2 * towards * ny - sin)))
  const azimuth = Math.atan2(2 * towards * nx, 2 * towards * nz - cos)
  const blur = 0.04 + 0.34 * (1 - gloss)
  const bar = 1 - 0.6 * gloss * pane(azimuth, -0.98, 0.002, blur)
  const window = pane(azimuth, -0.98, 0.34, blur) * pane(rise, 0.64, 0.36, blur) * bar
  const strip = pane(azimuth, 1.75, 0.16, blur) * pane(rise, 0.2, 0.55, blur)
  const halo = Math.exp(-((azimuth + 0.98) ** 2 + (rise - 0.64) ** 2) / 0.5)
  const pale = open * (0.1 + 0.2 * smoothStep(-0.4, 1, rise))
  return (0.2 + 0.8 * gloss) * fresnel * (gloss * (12 * window + 2.2 * strip) + 1.5 * halo + pale)
}

/** 1 within `half` of the middle, 0 beyond it, with an edge as soft as `blur`. */
function pane(value: number, middle: number, half: number, blur: number): number {
  const away = Math.abs(value - middle)
  return away > half + blur ? 0 : smoothStep(half + blur, half - blur, away)
}

function unit(x: number, y: number, z: number) {
  const length = Math.hypot(x, y, z)
  return { x: x / length, y: y / length, z: z / length }
}

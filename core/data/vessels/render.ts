/** The picture of a vessel: several lines of sight to each pixel, light added up, reduced to pixels and encoded as sRGB. */
import type { Picture } from '../../domain/picture.ts'
import { createBackdrop } from './backdrop.ts'
import type { Glaze } from './glaze.ts'
import { addLamplight, lightShade } from './lamp.ts'
import { reflect } from './light.ts'
import { createSurface, readSurface } from './surface.ts'
import type { Material } from './surface.ts'
import { createTexture } from './texture.ts'
import { createHit } from './trace.ts'
import { traceVessel } from './vessel.ts'
import type { Vessel } from './vessel.ts'

/**
 * Rays per pixel -> step of a lattice that puts each ray in its own row and column of the pixel: smoother edges than a square grid.
 */
const lattice = { 5: 2, 8: 3 } as const

/** Answers an RGB picture of size x size. */
export function renderVessel(vessel: Vessel, glaze: Glaze, size: number): Picture {
  if (!Number.isInteger(size) || size < 16) throw new RangeError(`picture size ${size}: a whole number from 16`)
  const { view, bounds } = vessel
  const rays = size <= 128 ? 8 : 5
  const lookAt = createEye(vessel, glaze)
  const backdropAt = createBackdrop(vessel, glaze)
  const { exposure } = glaze.surroundings
  const left = (view.centreX + view.scale * bounds.left) * size - 1
  const right = (view.centreX + view.scale * bounds.right) * size
  const top = (view.groundY - view.scale * bounds.top) * size - 1
  const bottom = (view.groundY - view.scale * bounds.bottom) * size
  const data = new Uint8Array(size * size * 3)
  const light = new Float64Array(3)
  const sum = new Float64Array(3)
  for (let row = 0; row < size; row++)
    for (let column = 0; column < size; column++) {
      let clear = rays
      sum.fill(0)
      if (column >= left && column <= right && row >= top && row <= bottom)
        for (let k = 0; k < rays; k++) {
          const x = (column + (k + 0.5) / rays) / size
          const y = (row + (((k * lattice[rays]) % rays) + 0.5) / rays) / size
          if (!lookAt((x - view.centreX) / view.scale, (view.groundY - y) / view.scale, light)) continue
          clear--
          for (let c = 0; c < 3; c++) sum[c] += toneMap(light[c] * exposure)
        }
      if (clear > 0) {
        backdropAt((column + 0.5) / size, (row + 0.5) / size, light)
        for (let c = 0; c < 3; c++) sum[c] += clear * toneMap(light[c] * exposure)
      }
      for (let c = 0; c < 3; c++) data[3 * (row * size + column) + c] = encode(sum[c] / rays)
    }
  return { width: size, height: size, channels: 3, data }
}

/** Answers a function that writes the linear light seen at (x, up) into `light`, or answers false beside the vessel. */
function createEye(vessel: Vessel, glaze: Glaze): (x: number, up: number, light: Float64Array) => boolean {
  const material: Material = { vessel, glaze, texture: createTexture(glaze.noiseSeed) }
  const hit = createHit()
  const surface = createSurface()
  return (x, up, light) => {
    const part = traceVessel(vessel, x, up, hit)
    if (part === undefined) return false
    if (part === 'shade') lightShade(vessel.shape.shade!, glaze, hit, light)
    else {
      readSurface(material, hit, surface)
      reflect(surface, vessel.view, glaze.surroundings, light)
      if (vessel.shape.shade !== undefined) addLamplight(vessel.shape.body, glaze, hit, surface, light)
    }
    return true
  }
}

const shoulder = 0.55

/** Leaves the darks alone and bends the brightest light down so that it never clips. */
function toneMap(value: number): number {
  return value <= shoulder ? value : 1 - (1 - shoulder) * Math.exp((shoulder - value) / (1 - shoulder))
}

const codes = Uint8Array.from({ length: 8193 }, (_, i) => {
  const value = i / 8192
  return Math.round(255 * (value <= 0.0031308 ? 12.92 * value : 1.055 * value ** (1 / 2.4) - 0.055))
})

/** Linear light 0..1 to an sRGB byte (IEC 61966-2-1). */
function encode(value: number): number {
  return codes[Math.round(Math.min(1, value) * 8192)]
}

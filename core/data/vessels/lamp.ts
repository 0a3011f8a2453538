/** A lamp's light: through the cloth of its shade, down on its foot, and on the wall behind it. */
import type { Glaze } from './glaze.ts'
import type { Revolved } from './shape.ts'
import type { Surface } from './surface.ts'
import type { Hit } from './trace.ts'
import type { Vessel } from './vessel.ts'

/** Warm white, relative to the key light's. */
const warmth = [1.18, 0.86, 0.52]

/** Writes the light of the cloth: brightest about its middle, trimmed at both edges, brighter still where one looks into it. */
export function lightShade(cone: Revolved, { shade, lamplight }: Glaze, hit: Hit, light: Float64Array): void {
  const t = hit.y / cone.profile.height
  const inside = hit.side === 'inside'
  const trimmed = !inside && (t < 0.045 || t > 0.955) ? 0.3 : 0
  const fromKey = inside ? 0 : 0.4 * Math.max(0, (-0.62 * hit.nx + 0.35 * hit.ny + 0.6 * hit.nz + 0.2) / 1.2)
  const through =
    0.3 + 0.85 * (hit.side === 'rim' ? 0.6 : Math.max(0, hit.nz)) ** 1.3 * Math.exp(-((t - 0.38) ** 2) / 0.14)
  const glow = (0.35 + 0.65 * lamplight) * (inside ? 2.3 - 1.5 * t : through) * (1 - trimmed)
  for (let c = 0; c < 3; c++) light[c] = shade[c] * (1 - trimmed) * (0.1 + fromKey + glow * warmth[c])
}

/** Adds the lamp's own light on its foot: from above, fading downwards. */
export function addLamplight(foot: Revolved, glaze: Glaze, hit: Hit, surface: Surface, light: Float64Array): void {
  const near = hit.y / foot.profile.height
  const glow = 0.38 * glaze.lamplight * near * near * Math.max(0, 0.3 + 0.7 * hit.ny)
  light[0] += surface.red * glow * warmth[0]
  light[1] += surface.green * glow * warmth[1]
  light[2] += surface.blue * glow * warmth[2]
}

/** Answers how much brighter, per colour, the lamp makes a place of the frame (0..1) behind it. */
export function createLampGlow(
  { shape, view }: Vessel,
  glaze: Glaze,
): (x: number, y: number, colour: number) => number {
  if (shape.shade === undefined) return () => 0
  const { base, profile } = shape.shade
  const middleY = view.groundY - view.scale * (base + profile.height * 0.45) * view.cos
  const reach = 0.6 * view.scale * profile.maxRadius + 0.08
  return (x, y, colour) => {
    const away = (x - view.centreX) ** 2 + (0.8 * (y - middleY)) ** 2
    return 0.8 * glaze.lamplight * warmth[colour] * Math.exp(-away / (2 * reach * reach))
  }
}

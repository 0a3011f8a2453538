/** Wall, table, and the shadow the vessel throws on it: evaluated once per pixel, because all of it is smooth. */
import { smoothStep } from './choices.ts'
import type { Glaze } from './glaze.ts'
import { createLampGlow } from './lamp.ts'
import { keyLight } from './light.ts'
import { radiusAt } from './profile.ts'
import type { Vessel } from './vessel.ts'

/** Answers a function that writes the background's linear colour at a place of the frame (0..1) into target[0..2]. */
export function createBackdrop(vessel: Vessel, glaze: Glaze): (x: number, y: number, target: Float64Array) => void {
  const { view, shape } = vessel
  const { wall, table } = glaze.surroundings
  const shadowAt = createShadow(vessel)
  const footRadius = radiusAt(shape.body.profile, 0.02)
  const horizon = Math.min(glaze.surroundings.horizon, view.groundY - 0.1)
  const glowAt = createLampGlow(vessel, glaze)
  return (x, y, target) => {
    const onTable = smoothStep(horizon - 0.07, horizon + 0.06, y)
    const spot = Math.exp(-((x - 0.3) ** 2 + (y - 0.25) ** 2) / 0.2)
    const wallLight = 0.7 + 0.52 * spot - 0.2 * x
    let tableLight = onTable * (1.06 - 0.22 * x - 0.2 * (y - horizon))
    if (onTable > 0) {
      const groundX = (x - view.centreX) / view.scale
      const groundZ = (y - view.groundY) / view.scale / view.sin
      const gap = (Math.hypot(groundX, groundZ) - footRadius) / 0.1 + 0.1
      tableLight *= (1 - 0.62 * onTable * shadowAt(groundX, groundZ)) * (1 - 0.68 * Math.exp(-Math.max(0, gap)))
    }
    for (let c = 0; c < 3; c++)
      target[c] = (wall[c] * wallLight * (1 - onTable) + table[c] * tableLight) * (1 + glowAt(x, y, c))
  }
}

/** A ball-like piece of the vessel that stands in the light. */
interface Blocker {
  readonly x: number
  readonly height: number
  readonly z: number
  readonly radius: number
}

/** Answers how much of the key light (0..1) the vessel takes from a place of the table; softer the higher the part that takes it. */
function createShadow(vessel: Vessel): (x: number, z: number) => number {
  const blockers = listBlockers(vessel)
  return (x, z) => {
    let dark = 0
    for (const blocker of blockers) {
      const soft = 0.05 + 0.3 * blocker.height
      const dx = x + (keyLight.x / keyLight.y) * blocker.height - blocker.x
      const dz = z + (keyLight.z / keyLight.y) * blocker.height - blocker.z
      const away = Math.sqrt(dx * dx + dz * dz) - blocker.radius
      if (away < soft) dark = Math.max(dark, Math.min(1, (1.6 * blocker.radius) / soft) * smoothStep(soft, -soft, away))
    }
    return dark
  }
}

function listBlockers({ shape, tubes }: Vessel): Blocker[] {
  const levels = 20
  const parts = shape.shade === undefined ? [shape.body] : [shape.body, shape.shade]
  return [
    ...parts.flatMap(({ base, profile }) =>
      Array.from({ length: levels }, (_, i) => {
        const height = ((i + 0.5) / levels) * profile.height
        return { x: 0, height: base + height, z: 0, radius: radiusAt(profile, height) }
      }),
    ),
    ...tubes.flatMap((tube) =>
      Array.from(tube.x, (x, i) => ({ x, height: tube.height[i], z: tube.z[i], radius: tube.thickness[i] })).filter(
        (_, i) => i % 3 === 0,
      ),
    ),
  ]
}

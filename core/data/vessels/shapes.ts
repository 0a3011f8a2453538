/** How each kind of vessel is thrown: outline, handles, lid, shade, and where its decoration may sit. */
import type { Random } from '../../domain/random.ts'
import { between, happens, pick } from './choices.ts'
import { buildProfile } from './profile.ts'
import type { ProfilePoint } from './profile.ts'
import { belly, closedBody, earCurve, openBody, pair, plain, turned } from './shape.ts'
import type { Revolved, Shape, VesselKind } from './shape.ts'

export function drawShape(kind: VesselKind, random: Random): Shape {
  return recipes[kind](random)
}

const recipes: Record<VesselKind, (random: Random) => Shape> = {
  vase(random) {
    const style = pick(random, ['baluster', 'baluster', 'ovoid', 'ovoid', 'trumpet', 'gourd', 'cylinder'] as const)
    const foot = between(random, 0.13, 0.2)
    const neck = between(random, 0.08, 0.15)
    const outlines: Record<typeof style, () => ProfilePoint[]> = {
      baluster: () => belly(random, foot, between(random, 0.25, 0.37), between(random, 0.5, 0.66), neck, 0.86, 0.07),
      ovoid: () => belly(random, foot, between(random, 0.28, 0.4), between(random, 0.5, 0.66), neck + 0.06, 0.94, 0.03),
      trumpet: () => {
        const waist = between(random, 0.3, 0.48)
        return [
          [0, foot + 0.03],
          [0.08, foot],
          [waist, neck],
          [0.8, neck + 0.07],
          [1, between(random, 0.24, 0.33)],
        ]
      },
      gourd: () => [
        [0, foot],
        [0.14, foot + 0.09],
        [between(random, 0.28, 0.36), between(random, 0.27, 0.33)],
        [between(random, 0.56, 0.62), neck + 0.02],
        [0.76, between(random, 0.16, 0.21)],
        [0.93, neck - 0.02],
        [1, neck + 0.01],
      ],
      cylinder: () => [
        [0, foot + 0.03],
        [0.07, foot + 0.07],
        [0.7, foot + between(random, 0.06, 0.12)],
        [0.8, foot + 0.05],
        [0.91, neck],
        [1, neck + between(random, 0.01, 0.06)],
      ],
    }
    const body = openBody(buildProfile(outlines[style]()))
    const low = style === 'trumpet' ? 0.34 : 0.24
    const shape = { ...plain('vase', body), field: [low, style === 'gourd' ? 0.5 : 0.76] as const }
    const eared = (style === 'baluster' || style === 'cylinder') && happens(random, 0.35)
    return eared ? { ...shape, handles: pair(earCurve(random, body.profile, 0.9, 0.64, 0.1), 0.024) } : shape
  },

  bottle(random) {
    const foot = between(random, 0.17, 0.25)
    const neck = between(random, 0.05, 0.08)
    const full = foot + between(random, 0.02, 0.1)
    const shoulder = between(random, 0.28, 0.48)
    const top = shoulder + between(random, 0.16, 0.3)
    const outline: ProfilePoint[] = [
      [0, foot],
      [shoulder * 0.45, foot + (full - foot) * 0.75],
      [shoulder, full],
      [shoulder + (top - shoulder) * 0.5, neck + (full - neck) * between(random, 0.42, 0.66)],
      [top, neck + 0.012],
      [0.93, neck],
      [1, neck + between(random, 0.012, 0.035)],
    ]
    return { ...plain('bottle', openBody(buildProfile(outline))), field: [0.16, shoulder + 0.06] }
  },

  jug(random) {
    const foot = between(random, 0.18, 0.26)
    const neck = between(random, 0.14, 0.21)
    const full = between(random, 0.29, 0.38)
    const outline = belly(random, foot, full, between(random, 0.36, 0.52), neck, between(random, 0.78, 0.86), 0.04)
    const side = happens(random, 0.7) ? 1 : -1
    const body: Revolved = {
      ...openBody(buildProfile(outline)),
      spout: between(random, 0.05, 0.12),
      spoutLength: between(random, 0.14, 0.26),
      spoutSide: side === 1 ? -1 : 1,
    }
    const lift = between(random, 0, 0.08)
    const curve = earCurve(random, body.profile, between(random, 0.86, 0.94), between(random, 0.36, 0.5), 0.24, lift)
    const handle = { curve, thickness: between(random, 0.032, 0.042), azimuth: turned(random, side) }
    return { ...plain('jug', body), field: [0.2, 0.66], handles: [handle] }
  },

  bowl(random) {
    const height = between(random, 0.42, 0.66)
    const foot = between(random, 0.15, 0.22)
    const lip = between(random, 0.44, 0.52)
    const ring = 0.07 * height + 0.02
    const outline: ProfilePoint[] = [
      [0, foot + 0.012],
      [ring, foot],
      [height * 0.42, foot + (lip - foot) * between(random, 0.56, 0.8)],
      [height * 0.78, lip * between(random, 0.92, 0.97)],
      [height, lip],
    ]
    const body = { ...openBody(buildProfile(outline)), floor: ring + 0.04 }
    return { ...plain('bowl', body), field: [height * 0.46, height * 0.86], joints: [ring] }
  },

  cup(random) {
    const height = between(random, 0.62, 0.94)
    const lip = between(random, 0.31, 0.4)
    const foot = lip * between(random, 0.62, 0.92)
    const waist = between(random, -0.05, 0.05)
    const outline: ProfilePoint[] = [
      [0, foot],
      [height * 0.12, foot + (lip - foot) * between(random, 0.4, 0.75) + 0.02],
      [height * 0.5, foot + (lip - foot) * 0.85 + waist],
      [height, lip],
    ]
    const body = openBody(buildProfile(outline, { footRounding: 0.035 }))
    const shape = { ...plain('cup', body), field: [height * 0.26, height * 0.82] as const }
    if (happens(random, 0.2)) return shape
    const high = height * between(random, 0.76, 0.86)
    const curve = earCurve(random, body.profile, high, height * between(random, 0.24, 0.34), 0.25)
    const azimuth = turned(random, happens(random, 0.7) ? 1 : -1)
    return { ...shape, handles: [{ curve, thickness: between(random, 0.034, 0.046), azimuth }] }
  },

  jar(random) {
    const full = between(random, 0.34, 0.44)
    const foot = full * between(random, 0.55, 0.75)
    const mouth = full * between(random, 0.52, 0.72)
    const waist = between(random, 0.4, 0.5)
    const outline: ProfilePoint[] = [
      [0, foot],
      [waist * 0.45, foot + (full - foot) * 0.72],
      [waist, full],
      [0.66, mouth + (full - mouth) * 0.68],
      [0.76, mouth],
    ]
    const field = [0.2, 0.62] as const
    if (happens(random, 0.4)) {
      const collar = between(random, 0.02, 0.06)
      const lipped: ProfilePoint[] = [...outline, [0.8 + collar, mouth + between(random, 0, 0.03)]]
      return { ...plain('jar', openBody(buildProfile(lipped))), field }
    }
    const knob = between(random, 0.045, 0.065)
    const dome = between(random, 0.86, 0.92)
    const lidded: ProfilePoint[] = [
      ...outline,
      [0.785, mouth + 0.035],
      [0.805, mouth + 0.03],
      [dome - 0.02, knob * 1.7],
      [dome + 0.01, knob * 0.72],
      [dome + 0.055, knob],
      [dome + 0.1, knob * 0.9],
    ]
    const body = closedBody(buildProfile(lidded, { dome: 0.05, smoothing: 0.006 }))
    return { ...plain('jar', body), field, joints: [0.76] }
  },

  goblet(random) {
    const foot = between(random, 0.19, 0.26)
    const lip = between(random, 0.24, 0.33)
    const stem = between(random, 0.035, 0.05)
    const cup = between(random, 0.42, 0.54)
    const outline: ProfilePoint[] = [
      [0, foot],
      [0.035, foot * 0.97],
      [0.09, stem + (foot - stem) * 0.34],
      [cup * 0.55, stem],
      [cup - 0.05, stem + 0.01],
      [cup + 0.1, lip * between(random, 0.72, 0.9)],
      [0.8, lip * between(random, 0.98, 1.06)],
      [1, lip],
    ]
    const body = { ...openBody(buildProfile(outline, { smoothing: 0.012 })), floor: cup }
    return { ...plain('goblet', body), field: [cup + 0.16, 0.92] }
  },

  lamp(random) {
    const height = between(random, 0.52, 0.64)
    const foot = between(random, 0.13, 0.19)
    const outline = belly(random, foot, between(random, 0.22, 0.31), 0.52, 0.055, 0.86, 0)
    const body = closedBody(buildProfile(outline.map(([y, r]) => [y * height, r] as const)))
    const low = between(random, 0.3, 0.38)
    const high = low * between(random, 0.5, 0.85)
    const tall = between(random, 0.34, 0.44)
    const cone = buildProfile(
      [
        [0, low],
        [tall, high],
      ],
      { footRounding: 0 },
    )
    const shade = { ...openBody(cone), base: height - between(random, 0.02, 0.06), wall: 0.012 }
    return { ...plain('lamp', body), shade, field: [height * 0.22, height * 0.72] }
  },
}

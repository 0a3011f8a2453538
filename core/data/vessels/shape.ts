/** What a vessel's shape consists of, and the pieces that the recipes share. Unit: about the vessel's height. */
import type { Random } from '../../domain/random.ts'
import { between } from './choices.ts'
import { radiusAt } from './profile.ts'
import type { Profile, ProfilePoint } from './profile.ts'

export const vesselKinds = ['vase', 'bottle', 'jug', 'bowl', 'cup', 'jar', 'goblet', 'lamp'] as const
export type VesselKind = (typeof vesselKinds)[number]

/** A turned body: the profile swept round the vertical axis, from `base` upwards. */
export interface Revolved {
  readonly base: number
  readonly profile: Profile
  /** Thickness of the wall at the rim; undefined where the top is closed. */
  readonly wall: number | undefined
  /** Height of the hollow's bottom. */
  readonly floor: number
  /** How far a pouring lip reaches out, over the topmost `spoutLength`, to the right (side 1) or left (-1). */
  readonly spout: number
  readonly spoutLength: number
  readonly spoutSide: 1 | -1
}

/** A rounded bar in an upright plane through the axis; (reach, height) pairs of a cubic Bezier curve. */
export interface Handle {
  readonly curve: readonly [ProfilePoint, ProfilePoint, ProfilePoint, ProfilePoint]
  readonly thickness: number
  /** Direction seen from above: 0 right, pi left, between them (positive) towards the viewer. */
  readonly azimuth: number
}

export interface Shape {
  readonly kind: VesselKind
  readonly body: Revolved
  readonly shade: Revolved | undefined
  readonly handles: readonly Handle[]
  /** Heights between which patterns may sit. */
  readonly field: readonly [low: number, high: number]
  /** Heights of joints that a person would draw as a line. */
  readonly joints: readonly number[]
}

/** An undecorated shape without handles, for a recipe to add to. */
export function plain(kind: VesselKind, body: Revolved): Shape {
  return { kind, body, shade: undefined, handles: [], field: [0.2, 0.8], joints: [] }
}

export function openBody(profile: Profile): Revolved {
  return { base: 0, profile, wall: 0.026, floor: 0.05, spout: 0, spoutLength: 1, spoutSide: -1 }
}

export function closedBody(profile: Profile): Revolved {
  return { ...openBody(profile), wall: undefined }
}

/** Foot, belly, neck and lip, one tall, with a belly between lean and full. */
export function belly(
  random: Random,
  foot: number,
  full: number,
  middle: number,
  neck: number,
  neckHeight: number,
  flare: number,
): ProfilePoint[] {
  const fullness = between(random, 0.5, 0.76)
  return [
    [0, foot],
    [0.05, foot + (full - foot) * 0.06],
    [middle * 0.5, foot + (full - foot) * fullness],
    [middle, full],
    [middle + (neckHeight - middle) * 0.5, neck + (full - neck) * between(random, 0.55, 0.74)],
    [neckHeight, neck],
    [1, neck + flare * between(random, 0.5, 1.3)],
  ]
}

/** A handle's curve from a high to a low point of the outline, bulging out by `reach` and up by `lift`. */
export function earCurve(
  random: Random,
  profile: Profile,
  high: number,
  low: number,
  reach: number,
  lift = 0,
): Handle['curve'] {
  const upper = radiusAt(profile, high)
  const lower = radiusAt(profile, low)
  const out = Math.max(upper, lower) + reach * between(random, 0.85, 1.25)
  return [
    [upper - 0.015, high],
    [out, high + lift + between(random, 0, 0.05)],
    [out + 0.02, low + between(random, -0.02, 0.1)],
    [lower - 0.01, low],
  ]
}

export function pair(curve: Handle['curve'], thickness: number): Handle[] {
  return [0, Math.PI].map((azimuth) => ({ curve, thickness, azimuth }))
}

/** Right or left, and a little towards the viewer or away. */
export function turned(random: Random, side: 1 | -1): number {
  const turn = between(random, -0.25, 0.5)
  return side === 1 ? turn : Math.PI - turn
}

/**
 * What is painted on or carved into the wall, as data in surface coordinates: angle round the axis (0 faces the viewer, positive to
 * the right) and height. The sketch draws these lines and the picture paints them, so the two always agree.
 */
import type { Random } from '../../domain/random.ts'
import { between, happens, pick } from './choices.ts'
import { radiusAt } from './profile.ts'
import type { Shape } from './shape.ts'

/** A height that varies round the vessel: level + terms of `count` repeats. */
export interface Wave {
  readonly level: number
  readonly terms: readonly {
    readonly form: 'sine' | 'zigzag' | 'arch'
    readonly count: number
    readonly amplitude: number
    readonly phase: number
  }[]
}

export interface Decoration {
  /** Painted lines round the vessel. */
  readonly rings: readonly { readonly path: Wave; readonly halfWidth: number }[]
  /** Painted areas between two lines. */
  readonly bands: readonly { readonly low: Wave; readonly high: Wave }[]
  /** Painted upright lines, `count` round the vessel, swaying sideways (in radians) along their height. */
  readonly stripes: readonly {
    readonly count: number
    readonly phase: number
    readonly low: number
    readonly high: number
    readonly sway: number
    readonly swayTurns: number
    readonly halfWidth: number
  }[]
  readonly dots: readonly {
    readonly count: number
    readonly phase: number
    readonly height: number
    readonly radius: number
  }[]
  /** Upright grooves carved round the vessel. */
  readonly flutes:
    { readonly count: number; readonly phase: number; readonly low: number; readonly high: number } | undefined
  /** Level grooves left by the potter's fingers. */
  readonly ribs: readonly number[]
  /** Where a second glaze, dipped over the top, ends. */
  readonly dip: Wave | undefined
  /** Where the glaze ends above the bare foot. */
  readonly edge: Wave | undefined
}

export const undecorated: Decoration = {
  rings: [],
  bands: [],
  stripes: [],
  dots: [],
  flutes: undefined,
  ribs: [],
  dip: undefined,
  edge: undefined,
}

/** Chooses a decoration that fits the shape. */
export function drawDecoration(shape: Shape, random: Random): Decoration {
  const motif = pick(random, motifs)
  return { ...undecorated, ...motif(shape, random), edge: drawEdge(shape, random) }
}

type Motif = (shape: Shape, random: Random) => Partial<Decoration>

const plain: Motif = () => ({})

const lines: Motif = ({ field: [low, high] }, random) => {
  const first = between(random, low + (high - low) * 0.45, high)
  const gap = between(random, 0.035, 0.06)
  const count = 1 + random.integer(3)
  return { rings: Array.from({ length: count }, (_, i) => ring(first - i * gap, random)) }
}

const band: Motif = ({ field: [low, high] }, random) => {
  const middle = between(random, low + (high - low) * 0.35, high - (high - low) * 0.2)
  const half = Math.min(between(random, 0.04, 0.09), (high - low) * 0.3)
  const bands = [{ low: level(middle - half), high: level(middle + half) }]
  const rings = happens(random, 0.5) ? [ring(middle - half - 0.04, random), ring(middle + half + 0.04, random)] : []
  return { bands, rings }
}

const wave: Motif = (shape, random) => {
  const { low, high, middle, count } = room(shape, random, 0.17)
  const form = pick(random, ['sine', 'zigzag', 'arch'] as const)
  const amplitude = Math.min((high - low) * 0.24, between(random, 0.035, 0.06))
  const path = { level: middle, terms: [{ form, count, amplitude, phase: angle(random) }] }
  const gap = amplitude + 0.045
  const framed = happens(random, 0.6) ? [ring(middle + gap, random), ring(middle - gap, random)] : []
  return { rings: [{ path, halfWidth: between(random, 0.012, 0.018) }, ...framed] }
}

const stripes: Motif = (shape, random) => {
  const { low, high, count } = room(shape, random, 0.155)
  const swaying = happens(random, 0.65)
  const stripe = {
    count,
    phase: angle(random),
    low: low + 0.02,
    high: high - 0.02,
    sway: swaying ? between(random, 0.06, 0.12) : 0,
    swayTurns: between(random, 1.2, 2) / (high - low),
    halfWidth: between(random, 0.012, 0.02),
  }
  return { stripes: [stripe], rings: happens(random, 0.6) ? [ring(high + 0.02, random)] : [] }
}

const dots: Motif = (shape, random) => {
  const { low, high, count } = room(shape, random, 0.16)
  const rows = Math.max(1, Math.min(3, Math.floor((high - low) / 0.11)))
  const phase = angle(random)
  const radius = between(random, 0.027, 0.036)
  return {
    dots: Array.from({ length: rows }, (_, i) => ({
      count,
      phase: phase + (i % 2) * (Math.PI / count),
      height: low + ((i + 0.5) * (high - low)) / rows,
      radius,
    })),
    rings: happens(random, 0.5) ? [ring(high + 0.015, random)] : [],
  }
}

const flutes: Motif = (shape, random) => {
  const { low, high, count } = room(shape, random, 0.155)
  return { flutes: { count, phase: angle(random), low: low - 0.06, high: high + 0.04 } }
}

const ribs: Motif = ({ field: [low, high] }, random) => {
  const gap = between(random, 0.06, 0.09)
  const count = Math.min(6, 1 + Math.floor((high - low) / gap))
  const first = (low + high - (count - 1) * gap) / 2
  return { ribs: Array.from({ length: count }, (_, i) => first + i * gap) }
}

const dip: Motif = ({ field: [low, high] }, random) => ({
  dip: running(between(random, low + (high - low) * 0.2, low + (high - low) * 0.7), 0.022, random),
})

const motifs: readonly Motif[] = [
  plain,
  plain,
  lines,
  lines,
  band,
  wave,
  wave,
  stripes,
  stripes,
  dots,
  flutes,
  ribs,
  dip,
]

/** The bare foot: a glaze line that runs down unevenly, on about three vessels of four. */
function drawEdge(shape: Shape, random: Random): Wave | undefined {
  const { height } = shape.body.profile
  const reach = shape.kind === 'goblet' ? 0.05 : Math.min(shape.field[0] - 0.06, 0.2)
  const place = between(random, 0.35, 1) * reach
  return happens(random, 0.75) ? running(Math.max(0.04 * height, place), 0.012, random) : undefined
}

function running(height: number, amplitude: number, random: Random): Wave {
  const term = (count: number, part: number) =>
    ({ form: 'sine', count, amplitude: amplitude * part * between(random, 0.6, 1), phase: angle(random) }) as const
  return { level: height, terms: [term(2, 0.5), term(3, 0.6), term(5 + random.integer(3), 0.5)] }
}

function ring(height: number, random: Random): Decoration['rings'][number] {
  return { path: level(height), halfWidth: between(random, 0.009, 0.014) }
}

function level(height: number): Wave {
  return { level: height, terms: [] }
}

function angle(random: Random): number {
  return between(random, 0, 2 * Math.PI)
}

/** A part of the field at most 0.34 high, and how many repeats of a given length go round it. */
function room({ field, body }: Shape, random: Random, spacing: number) {
  const slack = Math.max(0, field[1] - field[0] - 0.34)
  const low = field[0] + slack * random.uniform()
  const high = Math.min(field[1], low + 0.34)
  const middle = (low + high) / 2
  const around = 2 * Math.PI * radiusAt(body.profile, middle)
  const count = Math.max(5, Math.round(around / (spacing * between(random, 0.8, 1.15))))
  return { low, high, middle, count }
}

export function waveAt({ level, terms }: Wave, angle: number): number {
  let height = level
  for (const { form, count, amplitude, phase } of terms) {
    const turn = count * angle + phase
    if (form === 'sine') height += amplitude * Math.sin(turn)
    else if (form === 'zigzag') height += amplitude * (2 / Math.PI) * Math.asin(Math.sin(turn))
    else height += amplitude * (2 * Math.abs(Math.sin(turn / 2)) - 1)
  }
  return height
}

/** How far a stripe has swayed sideways at a height, in radians. */
export function swayAt({ sway, swayTurns, low }: Decoration['stripes'][number], height: number): number {
  return sway * Math.sin(2 * Math.PI * swayTurns * (height - low))
}

/** The signed angle from the nearest of `count` evenly spaced directions. */
export function angleFromNearest(angle: number, count: number, phase: number): number {
  const spacing = (2 * Math.PI) / count
  const turns = (angle - phase) / spacing
  return (turns - Math.round(turns)) * spacing
}

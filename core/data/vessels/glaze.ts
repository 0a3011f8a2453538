/** Glazes, clays and what stands around: everything about a picture that the sketch leaves open. Colours are linear light, 0..1. */
import type { Random } from '../../domain/random.ts'
import { between, happens, pick } from './choices.ts'

export type Colour = readonly [red: number, green: number, blue: number]

export interface Glaze {
  readonly base: Colour
  /** Bands, lines, dots; also the second glaze of a dipped vessel. */
  readonly pattern: Colour
  /** Where the glaze runs thin: rims and ridges. */
  readonly thin: Colour
  readonly clay: Colour
  readonly liner: Colour
  /** 0 satin .. 1 mirror-like. */
  readonly gloss: number
  /** Strength of clouds and of iron specks. */
  readonly mottle: number
  readonly specks: number
  readonly noiseSeed: number
  readonly shade: Colour
  readonly lamplight: number
  readonly surroundings: Surroundings
}

/** The quiet room: wall, table and the light on them. */
export interface Surroundings {
  readonly wall: Colour
  readonly table: Colour
  /** Where table becomes wall, as a part of the frame's height from the top. */
  readonly horizon: number
  readonly exposure: number
}

interface Palette {
  readonly name: string
  readonly base: string
  readonly pattern: string
  readonly thin: string
  readonly clay: string
  readonly gloss: number
}

export const palettes: readonly Palette[] = [
  { name: 'petrol', base: '#24697f', pattern: '#eadfc8', thin: '#7d9a93', clay: '#bd8657', gloss: 0.9 },
  { name: 'cream', base: '#e4d8bf', pattern: '#2f4f94', thin: '#c39a6c', clay: '#b27a4d', gloss: 0.75 },
  { name: 'iron red', base: '#a8442a', pattern: '#eedcb9', thin: '#6a2a18', clay: '#a3683f', gloss: 0.8 },
  { name: 'celadon', base: '#9dbc9f', pattern: '#41664c', thin: '#d3d6ba', clay: '#b2835a', gloss: 0.95 },
  { name: 'moss', base: '#5b7f42', pattern: '#e9e3bd', thin: '#8d8a4a', clay: '#b67f52', gloss: 0.8 },
  { name: 'ochre', base: '#d39c38', pattern: '#563420', thin: '#a4622a', clay: '#a86f45', gloss: 0.7 },
  { name: 'slate', base: '#5d6874', pattern: '#e8e3d8', thin: '#8c8f8f', clay: '#9c7a60', gloss: 0.6 },
  { name: 'tenmoku', base: '#2c1e1b', pattern: '#cf8f45', thin: '#9a5526', clay: '#8a5b3d', gloss: 1 },
  { name: 'porcelain', base: '#eceeea', pattern: '#2a52a6', thin: '#f6f4ee', clay: '#dccfbb', gloss: 1 },
  { name: 'turquoise', base: '#35a9a4', pattern: '#f1e9d3', thin: '#86b89d', clay: '#b98760', gloss: 0.95 },
  { name: 'oxblood', base: '#7d1f26', pattern: '#e9d2ad', thin: '#c9a58f', clay: '#a87a5c', gloss: 1 },
  { name: 'jun', base: '#8b95b9', pattern: '#4a3a70', thin: '#b79d8b', clay: '#a67c5c', gloss: 0.85 },
  { name: 'rose', base: '#d59c8e', pattern: '#74353c', thin: '#e6c4ad', clay: '#bf8d68', gloss: 0.65 },
  { name: 'cobalt', base: '#24428a', pattern: '#ece6d6', thin: '#5f77a8', clay: '#b98a64', gloss: 0.95 },
]

const shades = ['#e6d6b4', '#efe6d2', '#d9c3a0', '#d8cdb9', '#e2bfa0', '#cfd3c4']

export function drawGlaze(random: Random): Glaze {
  const palette = pick(random, palettes)
  // The pattern's colour as the body, now and then: white on blue as well as blue on white.
  const swapped = happens(random, 0.25)
  const base = vary(linear(swapped ? palette.pattern : palette.base), 0.16, random)
  const pattern = vary(linear(swapped ? palette.base : palette.pattern), 0.12, random)
  const clay = vary(linear(palette.clay), 0.16, random)
  const thin = vary(linear(palette.thin), 0.1, random)
  return {
    base,
    pattern,
    thin: swapped ? blend(base, clay, 0.45) : thin,
    clay,
    liner: happens(random, 0.6) ? base : blend(linear('#e9e1d0'), base, 0.15),
    gloss: Math.min(1, palette.gloss * between(random, 0.7, 1.1)),
    mottle: between(random, 0.05, 0.16),
    specks: happens(random, 0.4) ? between(random, 0.2, 0.5) : 0,
    noiseSeed: random.next(),
    shade: vary(linear(pick(random, shades)), 0.08, random),
    lamplight: between(random, 0.35, 1),
    surroundings: drawSurroundings(random),
  }
}

function drawSurroundings(random: Random): Surroundings {
  const warmth = between(random, -1, 1)
  const wall = between(random, 0.25, 0.36)
  const table = wall * between(random, 1.18, 1.5)
  const tint = (value: number, amount: number): Colour => [value * (1 + amount), value, value * (1 - 1.5 * amount)]
  return {
    wall: tint(wall, 0.025 + 0.045 * warmth),
    table: tint(table, 0.04 + 0.045 * warmth),
    horizon: between(random, 0.5, 0.62),
    exposure: between(random, 0.94, 1.08),
  }
}

/** Lighter or darker as a whole, and a little towards another hue. */
function vary(colour: Colour, amount: number, random: Random): Colour {
  const light = 1 + between(random, -amount, amount)
  const channel = (value: number): number =>
    Math.min(0.92, value * light * (1 + between(random, -amount, amount) * 0.6))
  return [channel(colour[0]), channel(colour[1]), channel(colour[2])]
}

function blend(from: Colour, to: Colour, t: number): Colour {
  return [from[0] + t * (to[0] - from[0]), from[1] + t * (to[1] - from[1]), from[2] + t * (to[2] - from[2])]
}

/** '#rrggbb' in sRGB to linear light (IEC 61966-2-1). */
function linear(hex: string): Colour {
  const channel = (at: number): number => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
  }
  return [channel(1), channel(3), channel(5)]
}

/** From clean lines to a hand's strokes: wobble, changing pressure, ends that stop short or run on, and lines drawn in two goes. */
import type { Random } from '../../domain/random.ts'
import { between, happens } from './choices.ts'
import type { Line, Point } from './lines.ts'

/** One stroke of a pen in unit coordinates (0..1, right and down); pressure 0..1. */
export interface Stroke {
  readonly points: readonly StrokePoint[]
}

export interface StrokePoint extends Point {
  readonly pressure: number
}

const spacing = 0.012

/** How steady this drawing's hand is: the same for all its strokes. */
interface Hand {
  readonly wobble: number
  readonly slip: number
  readonly pressure: number
  readonly loose: number
}

export function drawStrokes(lines: readonly Line[], random: Random): Stroke[] {
  const hand: Hand = {
    wobble: between(random, 0.0012, 0.0038),
    slip: between(random, 0, 0.003),
    pressure: between(random, 0.5, 0.72),
    loose: between(random, 0.2, 1),
  }
  return lines.flatMap(({ role, points }) => {
    const path = resample(points)
    const pressure = hand.pressure * (role === 'form' ? 1 : 0.8)
    return inGoes(path, hand, random).map((go) => ({ points: drawOne(go, hand, pressure, random) }))
  })
}

/** Points at even spacing along the line (at least 3). */
function resample(points: readonly Point[]): Point[] {
  const lengths = [0]
  for (let i = 1; i < points.length; i++)
    lengths.push(lengths[i - 1] + Math.hypot(points[i].x - points[i - 1].x, points[i].y - points[i - 1].y))
  const total = lengths[lengths.length - 1]
  const count = Math.max(2, Math.round(total / spacing))
  let k = 0
  return Array.from({ length: count + 1 }, (_, i) => {
    const target = (total * i) / count
    while (k < points.length - 2 && lengths[k + 1] < target) k++
    const t = Math.min(1, (target - lengths[k]) / (lengths[k + 1] - lengths[k] || 1))
    return {
      x: points[k].x + t * (points[k + 1].x - points[k].x),
      y: points[k].y + t * (points[k + 1].y - points[k].y),
    }
  })
}

/** Long lines are sometimes lifted once: a small gap or a small overlap. */
function inGoes(path: readonly Point[], hand: Hand, random: Random): (readonly Point[])[] {
  if (path.length < 30 || !happens(random, 0.45 * hand.loose)) return [path]
  const at = Math.round(path.length * between(random, 0.3, 0.7))
  const overlap = random.integer(4) - 1
  return [path.slice(0, at + overlap), path.slice(at - 1)]
}

function drawOne(path: readonly Point[], hand: Hand, pressure: number, random: Random): StrokePoint[] {
  const long = path.length >= 12
  const ended = long ? runOn(trim(path, hand, random), hand, random) : path
  const sideways = createDrift(random)
  const along = createDrift(random)
  const press = createDrift(random)
  const amount = hand.wobble * (long ? 1 : 0.45)
  const slipX = hand.slip * between(random, -1, 1) * (long ? 1 : 0.5)
  const slipY = hand.slip * between(random, -1, 1) * (long ? 1 : 0.5)
  const attack = between(random, 0.3, 0.8)
  const release = between(random, 0.15, 0.6)
  const last = ended.length - 1
  return ended.map(({ x, y }, i) => {
    const fromStart = Math.min(1, i / Math.min(8, last / 2))
    const fromEnd = Math.min(1, (last - i) / Math.min(10, last / 2))
    const swell = (attack + (1 - attack) * fromStart) * (release + (1 - release) * fromEnd)
    return {
      x: x + slipX + amount * sideways(i),
      y: y + slipY + amount * along(i),
      pressure: Math.min(1, Math.max(0.08, pressure * swell * (1 + 0.16 * press(i)))),
    }
  })
}

/** Stops a little short at either end, at times. */
function trim(path: readonly Point[], hand: Hand, random: Random): readonly Point[] {
  const start = happens(random, 0.35 * hand.loose) ? 1 : 0
  const end = happens(random, 0.35 * hand.loose) ? 1 : 0
  return path.slice(start, path.length - end)
}

/** Runs on past the end, at times, straight ahead. */
function runOn(path: readonly Point[], hand: Hand, random: Random): readonly Point[] {
  if (!happens(random, 0.4 * hand.loose)) return path
  const { x, y } = path[path.length - 1]
  const before = path[path.length - 3]
  const reach = between(random, 0.3, 0.8)
  return [...path, { x: x + ((x - before.x) / 2) * reach, y: y + ((y - before.y) / 2) * reach }]
}

/** A slow random curve of about unit size: three sines of unlike lengths. */
function createDrift(random: Random): (index: number) => number {
  const waves = [38, 17, 7.3].map((length, k) => ({
    turn: (2 * Math.PI) / (length * between(random, 0.8, 1.25)),
    phase: between(random, 0, 2 * Math.PI),
    size: [0.8, 0.55, 0.22][k],
  }))
  return (index) => waves.reduce((sum, { turn, phase, size }) => sum + size * Math.sin(index * turn + phase), 0)
}

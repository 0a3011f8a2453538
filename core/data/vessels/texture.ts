/** The unevenness of fired glaze: smooth clouds and soft specks on a tile that closes round the vessel. */
import { Random } from '../../domain/random.ts'

const tile = 64

export interface Texture {
  readonly clouds: Float32Array
  readonly random: Float32Array
}

export function createTexture(seed: number): Texture {
  const random = new Random(seed)
  const values = Float32Array.from({ length: tile * tile }, () => random.uniform())
  return { clouds: values, random: values.map(() => random.uniform()) }
}

/** Smooth noise in -1..1; `u` is in turns round the vessel, `v` in heights; `cells` per turn is a power of two up to 64. */
export function cloudAt({ clouds }: Texture, u: number, v: number, cells: number): number {
  const x = u * cells
  const y = v * cells
  const column = Math.floor(x)
  const row = Math.floor(y)
  const fx = x - column
  const fy = y - row
  const sx = fx * fx * (3 - 2 * fx)
  const sy = fy * fy * (3 - 2 * fy)
  // The column wraps after `cells`, so that the noise closes; `row` is spread so that scales do not repeat each other.
  const at = (dx: number, dy: number): number =>
    clouds[((row + dy + 7 * cells) & (tile - 1)) * tile + ((column + dx) & (cells - 1))]
  const upper = at(0, 0) + sx * (at(1, 0) - at(0, 0))
  const lower = at(0, 1) + sx * (at(1, 1) - at(0, 1))
  return 2 * (upper + sy * (lower - upper)) - 1
}

/** Specks: at most one to a cell, 0 beside it, up to 1 in its middle. */
export function speckAt({ random }: Texture, u: number, v: number, cells: number): number {
  const column = Math.floor(u * cells)
  const row = Math.floor(v * cells)
  const read = (shift: number): number => random[((row + shift) & (tile - 1)) * tile + (column & (tile - 1))]
  const size = read(0) - 0.72
  if (size <= 0) return 0
  const dx = u * cells - column - (0.3 + 0.4 * read(13))
  const dy = v * cells - row - (0.3 + 0.4 * read(29))
  const reach = 0.12 + 0.5 * size
  return Math.max(0, 1 - (dx * dx + dy * dy) / (reach * reach))
}

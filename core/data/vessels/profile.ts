/**
 * The half outline of a thrown vessel: its radius as a function of height, as tables that rays can read quickly.
 * Control points are joined by a monotone cubic (Fritsch and Carlson 1980: no wiggles between points), then smoothed a little so
 * that highlights run evenly over the joints.
 */
export const profileSteps = 512

export interface Profile {
  readonly height: number
  readonly maxRadius: number
  /** [profileSteps + 1], from foot to top, in the unit of `height`. */
  readonly radius: Float64Array
  /** d radius / d height, limited to +-12. */
  readonly slope: Float64Array
  /** How hollow the outline is here: > 0 in a waist or joint (gathers shade and glaze), < 0 on a ridge. About -1..1. */
  readonly hollow: Float64Array
}

/** Height and radius. Heights rise strictly from 0. */
export type ProfilePoint = readonly [height: number, radius: number]

export interface ProfileOptions {
  /** Width of the smoothing as a part of the height. */
  readonly smoothing?: number
  /** Radius of the rounding at the foot's edge. */
  readonly footRounding?: number
  /** Height over which the top closes to a dome; 0 leaves it open. */
  readonly dome?: number
}

export function buildProfile(points: readonly ProfilePoint[], options: ProfileOptions = {}): Profile {
  const { smoothing = 0.018, footRounding = 0.012, dome = 0 } = options
  const height = points[points.length - 1][0]
  const tangents = monotoneTangents(points)
  const joined = Float64Array.from({ length: profileSteps + 1 }, (_, i) =>
    hermiteAt(points, tangents, (height * i) / profileSteps),
  )
  const radius = smoothTable(joined, smoothing)
  for (let i = 0; i <= profileSteps; i++) {
    const y = (height * i) / profileSteps
    if (y < footRounding) radius[i] -= footRounding - Math.sqrt(footRounding ** 2 - (footRounding - y) ** 2)
    if (y > height - dome) radius[i] *= Math.sqrt(Math.max(0, 1 - ((y - height + dome) / dome) ** 2))
  }
  const step = height / profileSteps
  const slope = radius.map((_, i) => {
    const before = Math.max(0, i - 1)
    const after = Math.min(profileSteps, i + 1)
    return Math.max(-12, Math.min(12, (radius[after] - radius[before]) / ((after - before) * step)))
  })
  const wide = smoothTable(radius, 0.035)
  const hollow = radius.map((value, i) => Math.max(-1, Math.min(1, (wide[i] - value) / (0.012 * height))))
  return { height, maxRadius: Math.max(...radius), radius, slope, hollow }
}

/** The table's value at a height (clamped to the profile), linear between entries. */
export function readProfile(table: Float64Array, height: number, y: number): number {
  const place = Math.max(0, Math.min(profileSteps - 1e-9, (y / height) * profileSteps))
  const index = Math.floor(place)
  return table[index] + (place - index) * (table[index + 1] - table[index])
}

export function radiusAt(profile: Profile, y: number): number {
  return readProfile(profile.radius, profile.height, y)
}

function monotoneTangents(points: readonly ProfilePoint[]): number[] {
  const last = points.length - 1
  const secants = points.slice(1).map(([y, r], i) => (r - points[i][1]) / (y - points[i][0]))
  return points.map((_, i) => {
    if (i === 0) return secants[0]
    if (i === last) return secants[last - 1]
    const below = secants[i - 1]
    const above = secants[i]
    return below * above <= 0 ? 0 : (2 * below * above) / (below + above)
  })
}

function hermiteAt(points: readonly ProfilePoint[], tangents: readonly number[], y: number): number {
  let k = 0
  while (k < points.length - 2 && y > points[k + 1][0]) k++
  const span = points[k + 1][0] - points[k][0]
  const t = (y - points[k][0]) / span
  const [, from] = points[k]
  const [, to] = points[k + 1]
  const rest = 1 - t
  return (
    (1 + 2 * t) * rest * rest * from +
    t * rest * rest * span * tangents[k] +
    t * t * (3 - 2 * t) * to -
    t * t * rest * span * tangents[k + 1]
  )
}

/** Three box passes, about a Gaussian; the ends are mirrored through their point, so they keep their place. */
function smoothTable(table: Float64Array, width: number): Float64Array {
  const reach = Math.round(width * profileSteps)
  let current = table
  for (let pass = 0; pass < 3; pass++) {
    const source = current
    const at = (i: number): number =>
      i < 0
        ? 2 * source[0] - source[-i]
        : i > profileSteps
          ? 2 * source[profileSteps] - source[2 * profileSteps - i]
          : source[i]
    let sum = 0
    for (let i = -reach; i <= reach; i++) sum += at(i)
    current = source.map((_, i) => {
      const mean = sum / (2 * reach + 1)
      sum += at(i + reach + 1) - at(i - reach)
      return mean
    })
  }
  return current
}

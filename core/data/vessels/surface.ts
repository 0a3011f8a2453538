/** What the wall is made of where a line of sight meets it: colour, gloss, and the normal as glaze and carving turn it. */
import { smoothStep } from './choices.ts'
import type { Wave } from './decoration.ts'
import type { Colour, Glaze } from './glaze.ts'
import { lengthAbove, readMarks } from './marks.ts'
import type { Marks, Place } from './marks.ts'
import { radiusAt, readProfile } from './profile.ts'
import { cloudAt, speckAt } from './texture.ts'
import type { Texture } from './texture.ts'
import type { Hit } from './trace.ts'
import type { Tube } from './tube.ts'
import type { Vessel } from './vessel.ts'

/** Filled in place. Colour in linear light; gloss 0 (raw clay) .. 1; normal of length 1. */
export interface Surface {
  red: number
  green: number
  blue: number
  gloss: number
  /** How much of the room this place sees, 0..1. */
  open: number
  /** How much of the key light gets here, 0..1. */
  lit: number
  nx: number
  ny: number
  nz: number
}

export function createSurface(): Surface {
  return { red: 0, green: 0, blue: 0, gloss: 0, open: 1, lit: 1, nx: 0, ny: 0, nz: 1 }
}

export interface Material {
  readonly vessel: Vessel
  readonly glaze: Glaze
  readonly texture: Texture
}

const marks: Marks = { paint: 0, groove: 0, tiltAround: 0, tiltUp: 0 }

/** The body's or a handle's surface at a hit. */
export function readSurface(material: Material, hit: Hit, surface: Surface): void {
  const { profile } = material.vessel.shape.body
  surface.nx = hit.nx
  surface.ny = hit.ny
  surface.nz = hit.nz
  const angle = Math.atan2(hit.x, hit.z)
  const cloud = glazeCloud(material.texture, angle, hit.y)
  if (hit.side === 'inside') readInside(material, hit, cloud, surface)
  else {
    const slope = hit.side === 'handle' ? 0 : readProfile(profile.slope, profile.height, hit.y)
    const radius = Math.sqrt(hit.x * hit.x + hit.z * hit.z)
    readOutside(material, hit, { angle, height: hit.y, radius, stretch: Math.sqrt(1 + slope * slope) }, cloud, surface)
  }
}

/** Clouds in the glaze, -1..1, drawn out downwards as glaze runs. */
function glazeCloud(texture: Texture, angle: number, height: number): number {
  const turns = angle / (2 * Math.PI)
  const bent = height + 0.02 * Math.sin(3 * angle + 7 * height)
  const fine = cloudAt(texture, turns, bent * 1.3, 32)
  return 0.55 * cloudAt(texture, turns + 0.02 * Math.sin(9 * height), bent, 16) + 0.45 * fine
}

function readInside({ vessel, glaze }: Material, hit: Hit, cloud: number, surface: Surface): void {
  const { profile } = vessel.shape.body
  const deep = (profile.height - hit.y) / (2 * radiusAt(profile, profile.height))
  surface.open = Math.max(0.08, 0.6 * Math.exp(-3 * deep))
  surface.lit = 0.85 * Math.exp(-3.6 * deep)
  surface.gloss = 0.35 * glaze.gloss
  setColour(surface, glaze.liner, 1 + glaze.mottle * cloud)
}

function readOutside(material: Material, hit: Hit, place: Place, cloud: number, surface: Surface): void {
  const { glaze, texture, vessel } = material
  const { decoration, shape, tubes } = vessel
  const { profile, wall } = shape.body
  const onHandle = hit.side === 'handle'
  const tone = 1 + glaze.mottle * cloud
  const hollow = onHandle ? 0 : readProfile(profile.hollow, profile.height, hit.y)
  surface.lit = 1
  surface.gloss = glaze.gloss
  surface.open =
    (1 - 0.35 * Math.max(0, hollow)) * (0.55 + 0.45 * smoothStep(0, 0.25, hit.y)) * openAtHandles(tubes, hit)
  setColour(surface, glaze.base, tone)
  if (decoration.dip !== undefined) mix(surface, glaze.pattern, tone, coverage(lengthAbove(decoration.dip, place)))
  if (hit.side === 'outside') {
    readMarks(decoration, place, marks)
    mix(surface, glaze.pattern, 1 + 0.5 * glaze.mottle * cloud, 0.95 * marks.paint)
    pool(surface, 0.55 * marks.groove)
    surface.open *= 1 - 0.4 * marks.groove
    tilt(surface, place.angle, marks.tiltAround, marks.tiltUp)
  }
  const rim = wall === undefined || onHandle ? 0 : smoothStep(profile.height - 0.028, profile.height - 0.006, hit.y)
  const ridge = Math.max(0, -hollow - 0.25) + 0.12 * Math.max(0, cloud)
  mix(surface, glaze.thin, tone, Math.min(0.75, 0.6 * rim + 0.7 * ridge))
  pool(surface, 0.4 * Math.max(0, hollow))
  if (glaze.specks > 0 && !onHandle)
    pool(surface, glaze.specks * speckAt(texture, place.angle / (2 * Math.PI), hit.y, 64))
  if (decoration.edge !== undefined && !onHandle) endGlaze(surface, glaze, decoration.edge, place, cloud)
}

/** Below its edge the glaze gives way to bare clay; above it, it gathers in a thick roll. */
function endGlaze(surface: Surface, glaze: Glaze, edge: Wave, place: Place, cloud: number): void {
  if (place.height > edge.level + 0.15) return
  const above = lengthAbove(edge, place)
  if (above > 0.08) return
  const glazed = coverage(above)
  const roll = glazed * Math.exp(-Math.max(0, above) / 0.016)
  pool(surface, 0.4 * roll)
  tilt(surface, place.angle, 0, -0.55 * roll)
  mix(surface, glaze.clay, 1 + 0.12 * cloud - 0.3 * Math.exp(Math.min(0, above) / 0.012), 1 - glazed)
  surface.gloss *= glazed
}

/** Less light where a handle joins the wall. */
function openAtHandles(tubes: readonly Tube[], { x, y, z }: Hit): number {
  let open = 1
  for (const tube of tubes)
    for (let end = 0; end <= tube.links; end += tube.links) {
      const away = (x - tube.x[end]) ** 2 + (y - tube.height[end]) ** 2 + (z - tube.z[end]) ** 2
      open *= 1 - 0.45 * Math.exp(-away / (2.6 * tube.thickness[end] ** 2))
    }
  return open
}

function coverage(lengthInside: number): number {
  return smoothStep(-0.004, 0.004, lengthInside)
}

function setColour(surface: Surface, colour: Colour, tone: number): void {
  surface.red = colour[0] * tone
  surface.green = colour[1] * tone
  surface.blue = colour[2] * tone
}

function mix(surface: Surface, colour: Colour, tone: number, amount: number): void {
  surface.red += amount * (colour[0] * tone - surface.red)
  surface.green += amount * (colour[1] * tone - surface.green)
  surface.blue += amount * (colour[2] * tone - surface.blue)
}

/** Thicker glaze is darker and deeper in colour. */
function pool(surface: Surface, amount: number): void {
  const most = Math.max(surface.red, surface.green, surface.blue, 1e-3)
  surface.red *= 1 - amount * (1 - (0.45 * surface.red) / most)
  surface.green *= 1 - amount * (1 - (0.45 * surface.green) / most)
  surface.blue *= 1 - amount * (1 - (0.45 * surface.blue) / most)
}

/** Leans the normal on a surface that rises round the vessel and upwards by these slopes. */
function tilt(surface: Surface, angle: number, around: number, up: number): void {
  if (around === 0 && up === 0) return
  const nx = surface.nx - around * Math.cos(angle)
  const ny = surface.ny - up
  const nz = surface.nz + around * Math.sin(angle)
  const length = Math.sqrt(nx * nx + ny * ny + nz * nz)
  surface.nx = nx / length
  surface.ny = ny / length
  surface.nz = nz / length
}

/** Where and at which scales texture is measured. */
import type { Pictures } from '../../domain/picture.ts'
import type { Region } from '../../evaluation/region.ts'

/** Texture is measured from full size down to this side (64x64: levels 64 and 32; smaller pictures: one level). */
const COARSEST_SIDE = 32

/** Sides of the levels of a sliced Wasserstein distance, finest first. */
export function levelSides(side: number): number[] {
  const levels = Math.max(1, Math.floor(Math.log2(side / COARSEST_SIDE)) + 1)
  return Array.from({ length: levels }, (_, level) => Math.ceil(side / 2 ** level))
}

/** The one rectangle that every mask hides exactly; undefined when there are no masks, they differ or hide another shape. */
export function hiddenRegion(masks: Pictures | undefined): Region | undefined {
  if (masks === undefined) return undefined
  const { height: maskHeight, width: maskWidth, data } = masks
  const first = data.findIndex(isHidden)
  const last = data.subarray(0, maskHeight * maskWidth).findLastIndex(isHidden)
  if (last < 0) return undefined
  const top = Math.floor(first / maskWidth)
  const left = first % maskWidth
  const height = Math.floor(last / maskWidth) - top + 1
  const width = (last % maskWidth) - left + 1
  const fits = data.every((value, place) => {
    const row = Math.floor(place / maskWidth) % maskHeight
    const column = place % maskWidth
    const inside = row >= top && row < top + height && column >= left && column < left + width
    return inside === isHidden(value)
  })
  return fits ? { top, left, height, width } : undefined
}

function isHidden(value: number): boolean {
  return value > 0.5
}

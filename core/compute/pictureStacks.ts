/** Cutting and joining stacks of pictures. */
import type { Pictures } from '../domain/picture.ts'

export function slicePictures(pictures: Pictures, from: number, to: number): Pictures {
  const size = pictures.width * pictures.height * pictures.channels
  return { ...pictures, count: to - from, data: pictures.data.slice(from * size, to * size) }
}

/** @throws RangeError for no stacks */
export function joinPictures(parts: readonly Pictures[]): Pictures {
  if (parts.length === 0) throw new RangeError('no pictures to join')
  const data = new Float32Array(parts.reduce((length, part) => length + part.data.length, 0))
  let at = 0
  for (const part of parts) {
    data.set(part.data, at)
    at += part.data.length
  }
  return { ...parts[0], count: parts.reduce((count, part) => count + part.count, 0), data }
}

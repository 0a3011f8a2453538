/** Two pictures in one file, as the paired data sets of the field have them. */
import type { Picture } from '../domain/picture.ts'

/** @throws RangeError when the halves differ in size or channels */
export function joinSideBySide(left: Picture, right: Picture): Picture {
  const { width, height, channels } = left
  if (right.width !== width || right.height !== height || right.channels !== channels)
    throw new RangeError('both halves must have the same size and channels')
  const row = width * channels
  const data = new Uint8Array(2 * row * height)
  for (let y = 0; y < height; y++) {
    data.set(left.data.subarray(y * row, (y + 1) * row), 2 * y * row)
    data.set(right.data.subarray(y * row, (y + 1) * row), (2 * y + 1) * row)
  }
  return { width: 2 * width, height, channels, data }
}

/** A mask brought to the model's size without losing a hidden pixel. */
import { AppError } from '../domain/errors.ts'
import type { Picture } from '../domain/picture.ts'

/**
 * The middle square of a mask (0 or 1) in the size of the model: hidden wherever any hidden pixel fell, however small its share.
 * @throws AppError bad-input when nothing of that square is hidden
 */
export function fitMask({ width, height, data }: Picture, size: number): Picture {
  const side = Math.min(width, height)
  const scale = side / size
  const [left, top] = [(width - side) / 2, (height - side) / 2]
  const fitted = new Uint8Array(size * size)
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      if (data[y * width + x] === 0) continue
      const columns = cells((x - left) / scale, (x + 1 - left) / scale, size)
      const rows = cells((y - top) / scale, (y + 1 - top) / scale, size)
      for (let row = rows.from; row < rows.to; row++)
        fitted.fill(1, row * size + columns.from, row * size + Math.max(columns.from, columns.to))
    }
  if (!fitted.includes(1))
    throw new AppError('bad-input', 'The mask hides nothing in the middle square of the picture.', {
      hint: 'Only that square is painted: mark something there, or cut the picture and its mask first.',
    })
  return { width: size, height: size, channels: 1, data: fitted }
}

/** The cells of a line that an interval touches; rounding errors of the division do not count as touching. */
function cells(start: number, end: number, size: number): { from: number; to: number } {
  return { from: Math.max(0, Math.floor(start + 1e-9)), to: Math.min(size, Math.ceil(end - 1e-9)) }
}

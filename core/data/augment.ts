/** Variation of examples while training. Drawn once per example and applied alike to picture, condition and mask. */
import type { Picture } from '../domain/picture.ts'
import { byteToValue, createPictures } from '../domain/picture.ts'
import type { Pictures } from '../domain/picture.ts'
import type { Random } from '../domain/random.ts'

export interface Augmentation {
  /** Mirror left and right every second time. */
  readonly mirror?: boolean
  /** Read 286/256 of the size larger and cut a random window, as in the pix2pix recipe. */
  readonly jitterCrop?: boolean
  /** Bend the lines of the condition (not the picture) by up to this many pixels, as an unsteady hand does. */
  readonly lineWobble?: number
}

/** Which window of a working picture is shown, and whether mirrored. */
export interface View {
  readonly left: number
  readonly top: number
  readonly mirrored: boolean
}

/** The side at which examples are read, in pixels. */
export function workingSize(size: number, augmentation: Augmentation): number {
  return augmentation.jitterCrop === true ? Math.round((size * 286) / 256) : size
}

/** Always draws the same number of values, so that switching one variation off does not change another. */
export function drawView(size: number, augmentation: Augmentation, random: Random): View {
  const room = workingSize(size, augmentation) - size + 1
  const left = random.integer(room)
  const top = random.integer(room)
  return { left, top, mirrored: random.uniform() < 0.5 && augmentation.mirror === true }
}

/** Windows of equally sized pictures as a stack of size x size, by default in [-1, 1]. */
export function stackViews(
  pictures: readonly Picture[],
  views: readonly View[],
  size: number,
  toValue: (byte: number) => number = byteToValue,
): Pictures {
  const { channels } = pictures[0]
  const stack = createPictures(pictures.length, size, size, channels)
  const values = Float32Array.from({ length: 256 }, (_, byte) => toValue(byte))
  let at = 0
  pictures.forEach(({ data, width }, index) => {
    const { left, top, mirrored } = views[index]
    for (let y = 0; y < size; y++)
      for (let x = 0; x < size; x++) {
        const from = ((top + y) * width + left + (mirrored ? size - 1 - x : x)) * channels
        for (let c = 0; c < channels; c++) stack.data[at++] = values[data[from + c]]
      }
  })
  return stack
}

/** Displaces every pixel by slow waves of at most `amount` pixels (bilinear; borders repeat). */
export function wobble(picture: Picture, amount: number, random: Random): Picture {
  const { width, height, channels } = picture
  const wave = () => {
    const frequency = (1 + 2 * random.uniform()) * 2 * Math.PI
    const direction = random.uniform() * 2 * Math.PI
    const phase = random.uniform() * 2 * Math.PI
    const [alongX, alongY] = [Math.cos(direction) / width, Math.sin(direction) / height]
    return (x: number, y: number) => amount * Math.sin(frequency * (x * alongX + y * alongY) + phase)
  }
  const [shiftX, shiftY] = [wave(), wave()]
  const data = new Uint8Array(picture.data.length)
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const fromX = Math.min(width - 1, Math.max(0, x + shiftX(x, y)))
      const fromY = Math.min(height - 1, Math.max(0, y + shiftY(x, y)))
      const [left, top] = [Math.floor(fromX), Math.floor(fromY)]
      const [right, bottom] = [Math.min(width - 1, left + 1), Math.min(height - 1, top + 1)]
      const pixel = (atX: number, atY: number, c: number) => picture.data[(atY * width + atX) * channels + c]
      for (let c = 0; c < channels; c++) {
        const upper = pixel(left, top, c) + (fromX - left) * (pixel(right, top, c) - pixel(left, top, c))
        const lower = pixel(left, bottom, c) + (fromX - left) * (pixel(right, bottom, c) - pixel(left, bottom, c))
        data[(y * width + x) * channels + c] = Math.round(upper + (fromY - top) * (lower - upper))
      }
    }
  return { width, height, channels, data }
}

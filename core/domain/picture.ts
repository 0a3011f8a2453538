/** Pictures as plain data: bytes for files and screens, numbers for the models. */

/** One picture of bytes, row by row, channels interleaved (grey or RGB), 0..255. */
export interface Picture {
  readonly width: number
  readonly height: number
  readonly channels: 1 | 3
  readonly data: Uint8Array
}

/** A stack of equally sized pictures for the models: [count, height, width, channels], nominally in [-1, 1]. */
export interface Pictures {
  readonly count: number
  readonly height: number
  readonly width: number
  readonly channels: number
  readonly data: Float32Array
}

/** What the models see for one mini-batch (or any list of examples). */
export interface Batch {
  /** Y: the observed pictures, values in [-1, 1]. */
  readonly observed: Pictures
  /** C as a picture (sketch, edge map, label map), values in [-1, 1]; absent for class and inpainting tasks. */
  readonly condition?: Pictures
  /** C as class labels, 0..K-1; absent for the other tasks. */
  readonly labels?: Int32Array
  /** Inpainting: 1 where the picture is hidden (and may move), else 0; one channel. */
  readonly mask?: Pictures
}

export function createPictures(count: number, height: number, width: number, channels: number): Pictures {
  return { count, height, width, channels, data: new Float32Array(count * height * width * channels) }
}

/** Bytes 0..255 -> numbers in [-1, 1]. */
export function byteToValue(byte: number): number {
  return byte / 127.5 - 1
}

/** Numbers in [-1, 1] -> bytes, clamped and rounded to nearest. */
export function valueToByte(value: number): number {
  return Math.max(0, Math.min(255, Math.round((value + 1) * 127.5)))
}

/** Picture `index` of a stack as bytes. Throws RangeError when there is no such picture. */
export function pictureAt(pictures: Pictures, index: number): Picture {
  const { count, width, height, channels } = pictures
  if (!(index >= 0 && index < count)) throw new RangeError(`picture ${index} of ${count}`)
  if (channels !== 1 && channels !== 3) throw new RangeError(`a picture has 1 or 3 channels, not ${channels}`)
  const size = width * height * channels
  const data = Uint8Array.from({ length: size }, (_, i) => valueToByte(pictures.data[index * size + i]))
  return { width, height, channels, data }
}

/** Equally sized byte pictures -> a stack. Throws RangeError when sizes differ or there is none. */
export function stackPictures(pictures: readonly Picture[]): Pictures {
  const first = pictures[0]
  if (first === undefined) throw new RangeError('no pictures to stack')
  const { width, height, channels } = first
  const size = width * height * channels
  const stack = createPictures(pictures.length, height, width, channels)
  pictures.forEach((picture, index) => {
    if (picture.width !== width || picture.height !== height || picture.channels !== channels)
      throw new RangeError(`picture ${index} has another size than the first`)
    for (let i = 0; i < size; i++) stack.data[index * size + i] = byteToValue(picture.data[i])
  })
  return stack
}

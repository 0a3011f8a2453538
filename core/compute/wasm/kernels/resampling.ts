/**
 * Between pictures and pictures `down` x `across` times as high and wide: every small pixel belongs to one block of large ones.
 * Nearest-neighbour enlarging and average pooling of whole blocks, and the gradients of both. Items are rows of small pixels.
 */
import { addNumbers, bytes, copyNumbers, fillZero } from './vector'

/** large = scale * the small pixel it belongs to. */
export function spreadBlocks(
  first: i32,
  end: i32,
  scratch: usize,
  small: usize,
  large: usize,
  smallWidth: i32,
  channels: i32,
  down: i32,
  across: i32,
  scale: f32,
): void {
  const largeRow = bytes(smallWidth * across * channels)
  for (let row = first; row < end; row++) {
    const top = large + <usize>(row * down) * largeRow
    let from = small + bytes(row * smallWidth * channels)
    let to = top
    for (let pixel = 0; pixel < smallWidth; pixel++) {
      scaleNumbers(to, from, channels, scale)
      for (let copy = 1; copy < across; copy++) copyNumbers(to + bytes(copy * channels), to, channels)
      to += bytes(across * channels)
      from += bytes(channels)
    }
    for (let copy = 1; copy < down; copy++) memory.copy(top + <usize>copy * largeRow, top, largeRow)
  }
}

/** small = scale * the sum of its block of large pixels. */
export function sumBlocks(
  first: i32,
  end: i32,
  scratch: usize,
  large: usize,
  small: usize,
  smallWidth: i32,
  channels: i32,
  down: i32,
  across: i32,
  scale: f32,
): void {
  const largeRow = bytes(smallWidth * across * channels)
  for (let row = first; row < end; row++) {
    const top = large + <usize>(row * down) * largeRow
    for (let pixel = 0; pixel < smallWidth; pixel++) {
      const to = small + bytes((row * smallWidth + pixel) * channels)
      fillZero(to, channels)
      for (let i = 0; i < down; i++)
        for (let j = 0; j < across; j++)
          addNumbers(to, top + <usize>i * largeRow + bytes((pixel * across + j) * channels), channels)
      scaleNumbers(to, to, channels, scale)
    }
  }
}

function scaleNumbers(target: usize, source: usize, count: i32, scale: f32): void {
  const factor = f32x4.splat(scale)
  let i = 0
  for (; i + 4 <= count; i += 4) v128.store(target + bytes(i), f32x4.mul(v128.load(source + bytes(i)), factor))
  for (; i < count; i++) store<f32>(target + bytes(i), load<f32>(source + bytes(i)) * scale)
}

/**
 * Group normalisation (Wu and He 2018, Eq. 1 to 7) over NHWC pictures: mean and population variance of each example and each
 * group of consecutive channels. Items are examples. Sums run down the pixels for all channels at once, in blocks of 64 pixels
 * so that the rounding error of float32 stays small.
 */
import { addNumbers, bytes, fillZero, multiplyAdd } from './vector'

const PIXEL_BLOCK: i32 = 64

/** Bytes of scratch that one thread needs: six rows of `channels`. */
export function groupNormScratch(channels: i32): usize {
  return bytes(6 * channels)
}

/** y, and per example and group the mean and 1 / sqrt(variance + epsilon). */
export function groupNorm(
  first: i32,
  end: i32,
  scratch: usize,
  x: usize,
  gamma: usize,
  beta: usize,
  y: usize,
  means: usize,
  inverses: usize,
  pixels: i32,
  channels: i32,
  groups: i32,
  epsilon: f32,
): void {
  const sums = scratch
  const partial = scratch + bytes(channels)
  const centre = scratch + bytes(2 * channels)
  const scale = scratch + bytes(3 * channels)
  const perGroup = channels / groups
  const count = <f32>pixels * <f32>perGroup
  for (let example = first; example < end; example++) {
    const from = x + bytes(example * pixels * channels)
    fillZero(centre, channels)
    sumChannels(from, centre, pixels, channels, sums, partial, false)
    for (let group = 0; group < groups; group++) {
      const mean = sumGroup(sums, group, perGroup) / count
      store<f32>(means + bytes(example * groups + group), mean)
      for (let c = group * perGroup; c < (group + 1) * perGroup; c++) store<f32>(centre + bytes(c), mean)
    }
    sumChannels(from, centre, pixels, channels, sums, partial, true)
    for (let group = 0; group < groups; group++) {
      const inverse = <f32>1 / sqrt<f32>(sumGroup(sums, group, perGroup) / count + epsilon)
      store<f32>(inverses + bytes(example * groups + group), inverse)
      for (let c = group * perGroup; c < (group + 1) * perGroup; c++)
        store<f32>(scale + bytes(c), inverse * load<f32>(gamma + bytes(c)))
    }
    const to = y + bytes(example * pixels * channels)
    for (let pixel = 0; pixel < pixels; pixel++)
      normalisePixel(from + bytes(pixel * channels), centre, scale, beta, to + bytes(pixel * channels), channels)
  }
}

/** sums[c] = sum over the pixels of x - centre, or of its square. */
function sumChannels(
  x: usize,
  centre: usize,
  pixels: i32,
  channels: i32,
  sums: usize,
  partial: usize,
  squared: bool,
): void {
  fillZero(sums, channels)
  for (let start = 0; start < pixels; start += PIXEL_BLOCK) {
    fillZero(partial, channels)
    for (let pixel = start; pixel < min<i32>(pixels, start + PIXEL_BLOCK); pixel++) {
      const from = x + bytes(pixel * channels)
      if (squared) addSquares(from, centre, channels, partial)
      else addNumbers(partial, from, channels)
    }
    addNumbers(sums, partial, channels)
  }
}

function addSquares(x: usize, centre: usize, channels: i32, partial: usize): void {
  let c = 0
  for (; c + 4 <= channels; c += 4) {
    const at = bytes(c)
    const difference = f32x4.sub(v128.load(x + at), v128.load(centre + at))
    v128.store(partial + at, multiplyAdd(difference, difference, v128.load(partial + at)))
  }
  for (; c < channels; c++) {
    const at = bytes(c)
    const difference = load<f32>(x + at) - load<f32>(centre + at)
    store<f32>(partial + at, load<f32>(partial + at) + difference * difference)
  }
}

function sumGroup(values: usize, group: i32, perGroup: i32): f32 {
  let sum: f32 = 0
  for (let c = group * perGroup; c < (group + 1) * perGroup; c++) sum += load<f32>(values + bytes(c))
  return sum
}

function normalisePixel(x: usize, centre: usize, scale: usize, shift: usize, y: usize, channels: i32): void {
  let c = 0
  for (; c + 4 <= channels; c += 4) {
    const at = bytes(c)
    const difference = f32x4.sub(v128.load(x + at), v128.load(centre + at))
    v128.store(y + at, multiplyAdd(difference, v128.load(scale + at), v128.load(shift + at)))
  }
  for (; c < channels; c++) {
    const at = bytes(c)
    store<f32>(y + at, (load<f32>(x + at) - load<f32>(centre + at)) * load<f32>(scale + at) + load<f32>(shift + at))
  }
}

/**
 * dx = inverse (gamma dy - mean(gamma dy) - n mean(gamma dy n)) with n = (x - mean) inverse; and per example the channels' sums of
 * dy n and of dy (two rows of `channels` at `partials`), from which the host sums the gradients of gamma and beta.
 */
export function groupNormGrad(
  first: i32,
  end: i32,
  scratch: usize,
  dy: usize,
  x: usize,
  gamma: usize,
  means: usize,
  inverses: usize,
  dx: usize,
  partials: usize,
  pixels: i32,
  channels: i32,
  groups: i32,
): void {
  const partial = scratch
  const centre = scratch + bytes(2 * channels)
  const scale = scratch + bytes(3 * channels)
  const slope = scratch + bytes(4 * channels)
  const shift = scratch + bytes(5 * channels)
  const perGroup = channels / groups
  const count = <f32>pixels * <f32>perGroup
  for (let example = first; example < end; example++) {
    const offset = bytes(example * pixels * channels)
    const products = partials + bytes(example * 2 * channels)
    const sums = products + bytes(channels)
    for (let group = 0; group < groups; group++) {
      const mean = load<f32>(means + bytes(example * groups + group))
      for (let c = group * perGroup; c < (group + 1) * perGroup; c++) store<f32>(centre + bytes(c), mean)
    }
    sumProducts(dy + offset, x + offset, centre, pixels, channels, products, partial)
    for (let group = 0; group < groups; group++) {
      const inverse = load<f32>(inverses + bytes(example * groups + group))
      let mean: f32 = 0
      let correlation: f32 = 0
      for (let c = group * perGroup; c < (group + 1) * perGroup; c++) {
        const at = bytes(c)
        store<f32>(products + at, load<f32>(products + at) * inverse)
        mean += load<f32>(gamma + at) * load<f32>(sums + at)
        correlation += load<f32>(gamma + at) * load<f32>(products + at)
      }
      for (let c = group * perGroup; c < (group + 1) * perGroup; c++) {
        const at = bytes(c)
        store<f32>(scale + at, inverse * load<f32>(gamma + at))
        store<f32>(slope + at, (-inverse * inverse * correlation) / count)
        store<f32>(shift + at, (-inverse * mean) / count)
      }
    }
    for (let pixel = 0; pixel < pixels; pixel++) {
      const at = offset + bytes(pixel * channels)
      gradientOfPixel(dy + at, x + at, centre, scale, slope, shift, dx + at, channels)
    }
  }
}

/** sums[c] = sum of dy (x - centre), then (next row) of dy, over the pixels. */
function sumProducts(
  dy: usize,
  x: usize,
  centre: usize,
  pixels: i32,
  channels: i32,
  sums: usize,
  partial: usize,
): void {
  fillZero(sums, 2 * channels)
  for (let start = 0; start < pixels; start += PIXEL_BLOCK) {
    fillZero(partial, 2 * channels)
    for (let pixel = start; pixel < min<i32>(pixels, start + PIXEL_BLOCK); pixel++) {
      const at = bytes(pixel * channels)
      addProducts(dy + at, x + at, centre, channels, partial)
      addNumbers(partial + bytes(channels), dy + at, channels)
    }
    addNumbers(sums, partial, 2 * channels)
  }
}

function addProducts(dy: usize, x: usize, centre: usize, channels: i32, partial: usize): void {
  let c = 0
  for (; c + 4 <= channels; c += 4) {
    const at = bytes(c)
    const difference = f32x4.sub(v128.load(x + at), v128.load(centre + at))
    v128.store(partial + at, multiplyAdd(v128.load(dy + at), difference, v128.load(partial + at)))
  }
  for (; c < channels; c++) {
    const at = bytes(c)
    const difference = load<f32>(x + at) - load<f32>(centre + at)
    store<f32>(partial + at, load<f32>(partial + at) + load<f32>(dy + at) * difference)
  }
}

function gradientOfPixel(
  dy: usize,
  x: usize,
  centre: usize,
  scale: usize,
  slope: usize,
  shift: usize,
  dx: usize,
  channels: i32,
): void {
  let c = 0
  for (; c + 4 <= channels; c += 4) {
    const at = bytes(c)
    const difference = f32x4.sub(v128.load(x + at), v128.load(centre + at))
    const rest = multiplyAdd(difference, v128.load(slope + at), v128.load(shift + at))
    v128.store(dx + at, multiplyAdd(v128.load(dy + at), v128.load(scale + at), rest))
  }
  for (; c < channels; c++) {
    const at = bytes(c)
    const difference = load<f32>(x + at) - load<f32>(centre + at)
    const rest = difference * load<f32>(slope + at) + load<f32>(shift + at)
    store<f32>(dx + at, load<f32>(dy + at) * load<f32>(scale + at) + rest)
  }
}

/** Sums what `groupNormGrad` left for each example, always in the same order. One item. */
export function groupNormSums(
  first: i32,
  end: i32,
  scratch: usize,
  partials: usize,
  batch: i32,
  channels: i32,
  dgamma: usize,
  dbeta: usize,
): void {
  fillZero(dgamma, channels)
  fillZero(dbeta, channels)
  for (let example = 0; example < batch; example++) {
    const from = partials + bytes(example * 2 * channels)
    addNumbers(dgamma, from, channels)
    addNumbers(dbeta, from + bytes(channels), channels)
  }
}

/** Updates of the weights, number by number. Items are blocks of 1024 numbers. */
import { bytes, loadTail, multiplyAdd, storeTail } from './vector'

/**
 * Adam (Kingma and Ba 2015, Algorithm 1): m' = b1 m + (1 - b1) g, v' = b2 v + (1 - b2) g^2,
 * value' = value - rate (m' / mDebias) / (sqrt(v' / vDebias) + epsilon), the two divisors being 1 - b^step.
 */
export function adamStep(
  first: i32,
  end: i32,
  scratch: usize,
  value: usize,
  gradient: usize,
  m: usize,
  v: usize,
  newValue: usize,
  newM: usize,
  newV: usize,
  size: i32,
  rate: f32,
  beta1: f32,
  oneMinusBeta1: f32,
  beta2: f32,
  oneMinusBeta2: f32,
  mDebias: f32,
  vDebias: f32,
  epsilon: f32,
): void {
  const stop = min<i32>(end * 1024, size)
  for (let i = first * 1024; i < stop; i += 4) {
    const at = bytes(i)
    const count = min<i32>(4, stop - i)
    const whole = count == 4
    const g = whole ? v128.load(gradient + at) : loadTail(gradient + at, count)
    const oldM = whole ? v128.load(m + at) : loadTail(m + at, count)
    const oldV = whole ? v128.load(v + at) : loadTail(v + at, count)
    const old = whole ? v128.load(value + at) : loadTail(value + at, count)
    const nextM = multiplyAdd(f32x4.splat(beta1), oldM, f32x4.mul(f32x4.splat(oneMinusBeta1), g))
    const nextV = multiplyAdd(f32x4.splat(beta2), oldV, f32x4.mul(f32x4.splat(oneMinusBeta2), f32x4.mul(g, g)))
    const root = f32x4.sqrt(f32x4.div(nextV, f32x4.splat(vDebias)))
    const move = f32x4.div(f32x4.div(nextM, f32x4.splat(mDebias)), f32x4.add(root, f32x4.splat(epsilon)))
    const next = f32x4.sub(old, f32x4.mul(f32x4.splat(rate), move))
    if (whole) {
      v128.store(newM + at, nextM)
      v128.store(newV + at, nextV)
      v128.store(newValue + at, next)
    } else {
      storeTail(newM + at, nextM, count)
      storeTail(newV + at, nextV, count)
      storeTail(newValue + at, next, count)
    }
  }
}

/** a + weight (b - a): the moving average of the weights. */
export function lerp(
  first: i32,
  end: i32,
  scratch: usize,
  a: usize,
  b: usize,
  out: usize,
  size: i32,
  weight: f32,
): void {
  const w = f32x4.splat(weight)
  let i = first * 1024
  const stop = min<i32>(end * 1024, size)
  for (; i + 4 <= stop; i += 4) {
    const at = bytes(i)
    const from = v128.load(a + at)
    v128.store(out + at, multiplyAdd(w, f32x4.sub(v128.load(b + at), from), from))
  }
  if (i < stop) {
    const at = bytes(i)
    const from = loadTail(a + at, stop - i)
    storeTail(out + at, multiplyAdd(w, f32x4.sub(loadTail(b + at, stop - i), from), from), stop - i)
  }
}

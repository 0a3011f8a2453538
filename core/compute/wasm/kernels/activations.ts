/** Activations and their gradients, number by number. Items are blocks of 1024 numbers. NaN comes out where NaN goes in. */
import { bytes, loadTail, multiplyAdd, storeTail } from './vector'

/** dy where y > 0, else 0. */
export function reluGrad(first: i32, end: i32, scratch: usize, dy: usize, y: usize, dx: usize, size: i32): void {
  leakyReluGrad(first, end, scratch, dy, y, dx, size, 0)
}

/** x where x > 0, else slope * x. */
export function leakyRelu(first: i32, end: i32, scratch: usize, x: usize, y: usize, size: i32, slope: f32): void {
  leakyReluGrad(first, end, scratch, x, x, y, size, slope)
}

/** dy where y > 0, else slope * dy. */
export function leakyReluGrad(
  first: i32,
  end: i32,
  scratch: usize,
  dy: usize,
  y: usize,
  dx: usize,
  size: i32,
  slope: f32,
): void {
  const negative = f32x4.splat(slope)
  let i = first * 1024
  const stop = min<i32>(end * 1024, size)
  for (; i + 4 <= stop; i += 4) {
    const at = bytes(i)
    v128.store(dx + at, rectifiedGradient(v128.load(dy + at), v128.load(y + at), negative))
  }
  if (i < stop) {
    const at = bytes(i)
    const value = rectifiedGradient(loadTail(dy + at, stop - i), loadTail(y + at, stop - i), negative)
    storeTail(dx + at, value, stop - i)
  }
}

function rectifiedGradient(dy: v128, y: v128, slope: v128): v128 {
  const passed = v128.bitselect(dy, f32x4.mul(dy, slope), f32x4.gt(y, f32x4.splat(0)))
  // All bits set is a NaN, so a NaN activation is not hidden by the comparison.
  return v128.or(passed, f32x4.ne(y, y))
}

/** x * sigmoid(x). */
export function silu(first: i32, end: i32, scratch: usize, x: usize, y: usize, size: i32): void {
  let i = first * 1024
  const stop = min<i32>(end * 1024, size)
  for (; i + 4 <= stop; i += 4) v128.store(y + bytes(i), siluOf(v128.load(x + bytes(i))))
  if (i < stop) storeTail(y + bytes(i), siluOf(loadTail(x + bytes(i), stop - i)), stop - i)
}

export function siluGrad(first: i32, end: i32, scratch: usize, dy: usize, x: usize, dx: usize, size: i32): void {
  let i = first * 1024
  const stop = min<i32>(end * 1024, size)
  for (; i + 4 <= stop; i += 4) {
    const at = bytes(i)
    v128.store(dx + at, siluGradientOf(v128.load(dy + at), v128.load(x + at)))
  }
  if (i < stop) {
    const at = bytes(i)
    storeTail(dx + at, siluGradientOf(loadTail(dy + at, stop - i), loadTail(x + at, stop - i)), stop - i)
  }
}

function siluOf(x: v128): v128 {
  return f32x4.div(x, f32x4.add(f32x4.splat(1), exponential(f32x4.neg(x))))
}

function siluGradientOf(dy: v128, x: v128): v128 {
  const one = f32x4.splat(1)
  const sigmoid = f32x4.div(one, f32x4.add(one, exponential(f32x4.neg(x))))
  const slope = multiplyAdd(f32x4.mul(x, sigmoid), f32x4.sub(one, sigmoid), sigmoid)
  return f32x4.mul(dy, slope)
}

/**
 * e^x to about 1e-7 relative, by Cody and Waite: e^x = 2^n e^r with |r| <= ln 2 / 2 and the polynomial of Moshier's Cephes (expf).
 * Beyond the range of float32 it gives infinity or 0; NaN stays NaN.
 */
function exponential(x: v128): v128 {
  // pmin and pmax are one instruction each and pass a NaN in their first operand on.
  const bounded = f32x4.pmax(f32x4.pmin(x, f32x4.splat(104)), f32x4.splat(-104))
  // Adding 1.5 * 2^23 rounds to an integer and leaves it in the low bits.
  const shifted = multiplyAdd(bounded, f32x4.splat(1.44269504088896341), f32x4.splat(12582912))
  const n = f32x4.sub(shifted, f32x4.splat(12582912))
  let r = multiplyAdd(n, f32x4.splat(-0.693359375), bounded)
  r = multiplyAdd(n, f32x4.splat(2.1219444e-4), r)
  let p = multiplyAdd(f32x4.splat(1.98756915e-4), r, f32x4.splat(1.3981999507e-3))
  p = multiplyAdd(p, r, f32x4.splat(8.3334519073e-3))
  p = multiplyAdd(p, r, f32x4.splat(4.1665795894e-2))
  p = multiplyAdd(p, r, f32x4.splat(1.6666665459e-1))
  p = multiplyAdd(p, r, f32x4.splat(5.0000001201e-1))
  p = multiplyAdd(f32x4.mul(p, r), r, f32x4.add(r, f32x4.splat(1)))
  // 2^n in two factors: n reaches 150, one exponent field only 127.
  const whole = i32x4.sub(shifted, f32x4.splat(12582912))
  const half = i32x4.shr_s(whole, 1)
  return f32x4.mul(f32x4.mul(p, powerOfTwo(half)), powerOfTwo(i32x4.sub(whole, half)))
}

function powerOfTwo(n: v128): v128 {
  return i32x4.shl(i32x4.add(n, i32x4.splat(127)), 23)
}

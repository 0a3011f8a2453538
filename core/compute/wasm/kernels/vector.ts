/** The small pieces that every kernel shares. Addresses and strides are in bytes, counts in numbers (float32). */

/** a * b + c; one rounding where the processor fuses it (relaxed SIMD), two otherwise. */
export function multiplyAdd(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, c)
  return f32x4.add(f32x4.mul(a, b), c)
}

export function roundUp(value: i32, multiple: i32): i32 {
  return ((value + multiple - 1) / multiple) * multiple
}

/** The bytes that `count` numbers take. */
export function bytes(count: i32): usize {
  return (<usize>count) << 2
}

export function fillZero(target: usize, count: i32): void {
  memory.fill(target, 0, bytes(count))
}

/** Copies are mostly short here, where a loop beats the bulk instruction's call out of wasm. */
export function copyNumbers(target: usize, source: usize, count: i32): void {
  while (count >= 4) {
    v128.store(target, v128.load(source))
    target += 16
    source += 16
    count -= 4
  }
  while (count > 0) {
    store<f32>(target, load<f32>(source))
    target += 4
    source += 4
    count--
  }
}

/** target += source */
export function addNumbers(target: usize, source: usize, count: i32): void {
  while (count >= 4) {
    v128.store(target, f32x4.add(v128.load(target), v128.load(source)))
    target += 16
    source += 16
    count -= 4
  }
  while (count > 0) {
    store<f32>(target, load<f32>(target) + load<f32>(source))
    target += 4
    source += 4
    count--
  }
}

/** The first `count` (1..3) numbers at `source`, then zeros: lets a tail use the same arithmetic as the body. */
export function loadTail(source: usize, count: i32): v128 {
  let value = v128.load32_zero(source)
  if (count > 1) value = f32x4.replace_lane(value, 1, load<f32>(source, 4))
  if (count > 2) value = f32x4.replace_lane(value, 2, load<f32>(source, 8))
  return value
}

export function storeTail(target: usize, value: v128, count: i32): void {
  v128.store_lane<f32>(target, value, 0)
  if (count > 1) v128.store_lane<f32>(target, value, 1, 4)
  if (count > 2) v128.store_lane<f32>(target, value, 2, 8)
}

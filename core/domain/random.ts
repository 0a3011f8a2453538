/**
 * The one source of randomness: a seeded generator (sfc32 by Chris Doty-Humphrey, 128 bits of state). It runs in JavaScript on every engine, so the
 * same seed means the same numbers everywhere. Nothing stores its state: whoever goes on later draws from (seed, step) again.
 */
export class Random {
  #a = 0
  #b = 0
  #c = 0
  #counter = 0

  /** @param seed any integer; @param stream integers that name an independent stream of the same seed (example 3, step 7 ...) */
  constructor(seed: number, ...stream: number[]) {
    let hash = 0x9e3779b9
    for (const part of [seed, ...stream]) {
      // Both 32-bit halves count, so that seeds above 2^32 differ too.
      hash = mix(mix(hash ^ (part | 0)) + (Math.floor(part / 4294967296) | 0))
    }
    this.#a = mix(hash + 1)
    this.#b = mix(hash + 2)
    this.#c = mix(hash + 3)
    this.#counter = 1
    for (let i = 0; i < 12; i++) this.next()
  }

  /** 32 random bits as an unsigned integer. */
  next(): number {
    const t = (this.#a + this.#b + this.#counter) | 0
    this.#counter = (this.#counter + 1) | 0
    this.#a = this.#b ^ (this.#b >>> 9)
    this.#b = (this.#c + (this.#c << 3)) | 0
    this.#c = (this.#c << 21) | (this.#c >>> 11)
    this.#c = (this.#c + t) | 0
    return t >>> 0
  }

  /** Uniform in [0, 1). */
  uniform(): number {
    return this.next() / 4294967296
  }

  /** Uniform integer in [0, below). */
  integer(below: number): number {
    return Math.floor(this.uniform() * below)
  }

  /** N(0, 1), by Box and Muller. The second number of a pair is dropped; normals() uses both. */
  normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.uniform())) * Math.cos(2 * Math.PI * this.uniform())
  }

  /** `length` numbers of N(0, 1). */
  normals(length: number): Float32Array {
    const out = new Float32Array(length)
    for (let i = 0; i < length; i += 2) {
      const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()))
      const angle = 2 * Math.PI * this.uniform()
      out[i] = radius * Math.cos(angle)
      if (i + 1 < length) out[i + 1] = radius * Math.sin(angle)
    }
    return out
  }

  /** 0, 1, ... length - 1 in random order (Fisher and Yates). */
  permutation(length: number): Uint32Array {
    const order = Uint32Array.from({ length }, (_, i) => i)
    for (let i = length - 1; i > 0; i--) {
      const j = this.integer(i + 1)
      const kept = order[i]
      order[i] = order[j]
      order[j] = kept
    }
    return order
  }
}

/** Finalizer of MurmurHash3: spreads every input bit over all 32. */
function mix(value: number): number {
  let h = value | 0
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) | 0
}

/**
 * Lets worker threads see tfjs's tensors. tfjs's own threaded binary starts eight browser workers and is switched off under Node;
 * but its single-threaded one differs, for our purpose, in one bit: the flag "shared" of its memory (WebAssembly core
 * specification, 5.5.6 memory section; threads proposal, limits). With it the same code works on a SharedArrayBuffer.
 */
const MEMORY_SECTION = 5
const LIMITED = 1
const LIMITED_AND_SHARED = 3

/** The same WebAssembly binary with its one memory declared as shared. Throws when it has no memory of limited size. */
export function declareMemoryShared(binary: Uint8Array): Uint8Array {
  let at = 8 // after the magic number and the version
  while (at < binary.length) {
    const kind = binary[at]
    const size = readUnsigned(binary, at + 1)
    if (kind === MEMORY_SECTION) {
      const count = readUnsigned(binary, size.next)
      if (count.value !== 1 || binary[count.next] !== LIMITED) break
      const shared = Uint8Array.from(binary)
      shared[count.next] = LIMITED_AND_SHARED
      return shared
    }
    at = size.next + size.value
  }
  throw new Error('The WebAssembly binary does not define one memory of limited size, so it cannot be shared.')
}

/** LEB128. */
function readUnsigned(bytes: Uint8Array, at: number): { value: number; next: number } {
  let value = 0
  for (let shift = 0; ; shift += 7) {
    const byte = bytes[at++]
    value += (byte & 127) * 2 ** shift
    if (byte < 128) return { value, next: at }
  }
}

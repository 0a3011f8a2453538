/**
 * The one place that reaches into tfjs's wasm backend: its memory, its allocator, and where a tensor lies. These are private
 * there (the version is pinned), so everything is checked before it is believed.
 */
import * as tf from '@tensorflow/tfjs-core'
import { BackendWasm } from '@tensorflow/tfjs-backend-wasm'
import { AppError } from '../../domain/errors.ts'

export interface Heap {
  /** Grows; take `buffer` anew for each view. */
  readonly memory: WebAssembly.Memory
  /** Address of a tensor's numbers. */
  addressOf(tensor: tf.TensorInfo): number
  /** A new float32 tensor, not initialised. */
  createTensor(shape: number[]): tf.TensorInfo
  /** `bytes` of memory, 64-byte aligned. */
  allocate(bytes: number): Block
  free(block: Block): void
}

export interface Block {
  /** 64-byte aligned. */
  readonly address: number
  readonly bytes: number
  readonly allocated: number
}

/** Throws `engine-unavailable` when tfjs is not built as expected. */
export function openHeap(backend: tf.KernelBackend): Heap {
  if (!(backend instanceof BackendWasm)) throw unexpected('the backend is of another class')
  const wasm: object = backend.wasm
  const memory = memoryOf(wasm)
  const allocate = functionOf(wasm, '_malloc')
  const release = functionOf(wasm, '_free')
  if (typeof backend.getMemoryOffset !== 'function' || typeof backend.makeOutput !== 'function')
    throw unexpected('the backend does not tell where its tensors lie')
  const heap: Heap = {
    memory,
    addressOf: (tensor) => checkedAddress(backend.getMemoryOffset(tensor.dataId)),
    createTensor(shape) {
      const tensor = backend.makeOutput(shape, 'float32')
      checkedAddress(backend.getMemoryOffset(tensor.dataId))
      return tensor
    },
    allocate(bytes) {
      const allocated = checkedAddress(allocate(bytes + 64) >>> 0)
      return { address: Math.ceil(allocated / 64) * 64, bytes, allocated }
    },
    free: (block) => void release(block.allocated),
  }
  assertRoundTrip(backend, heap)
  return heap
}

function memoryOf(wasm: object): WebAssembly.Memory {
  const exported: unknown = 'asm' in wasm ? wasm.asm : undefined
  if (typeof exported === 'object' && exported !== null && 'memory' in exported) {
    if (exported.memory instanceof WebAssembly.Memory) return exported.memory
  }
  throw unexpected('its memory is not where it was')
}

function functionOf(wasm: object, name: string): (value: number) => number {
  const found: unknown = name in wasm ? Reflect.get(wasm, name) : undefined
  if (typeof found !== 'function') throw unexpected(`${name} is missing`)
  return (value) => Number(found(value))
}

/** tfjs's allocator answers 0 when the 4 GB are full, and tfjs would go on and write there. */
function checkedAddress(address: number): number {
  if (address > 0) return address
  throw new AppError('engine-unavailable', 'The wasm engine is out of memory (it can hold 4 GB at most).', {
    hint: 'Use a smaller batch, smaller pictures, or another engine.',
  })
}

/** What is written through tfjs must be found at the address, in this memory. */
function assertRoundTrip(backend: BackendWasm, heap: Heap): void {
  const tensor = heap.createTensor([2])
  try {
    const numbers = new Float32Array(heap.memory.buffer, heap.addressOf(tensor), 2)
    numbers.set([1.5, -2.25])
    if (backend.readSync(tensor.dataId).toString() !== '1.5,-2.25') throw unexpected('tensors lie in another memory')
  } finally {
    backend.disposeData(tensor.dataId)
  }
}

function unexpected(what: string): AppError {
  return new AppError('engine-unavailable', `The fast kernels do not fit this version of TensorFlow.js: ${what}.`)
}

/** The embedded engine: tfjs's wasm backend with our kernels where its own are slow or missing. */
import * as tf from '@tensorflow/tfjs-core'
import { setWasmPaths, version_wasm } from '@tensorflow/tfjs-backend-wasm'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { AppError } from '../../domain/errors.ts'
import { convolutionKernels } from './convolutionKernels.ts'
import { elementwiseKernels } from './elementwiseKernels.ts'
import { groupNormKernels } from './groupNormKernels.ts'
import { openHeap } from './heap.ts'
import { instantiateKernels } from './instantiateKernels.ts'
import { loadKernels, sharedBackendFile, type Instructions } from './kernelFiles.ts'
import { KernelRunner } from './kernelRunner.ts'
import { backendName, installKernels, type Compute } from './kernelTable.ts'
import { matrixKernels } from './matrixKernel.ts'
import { resamplingKernels } from './resamplingKernels.ts'
import { rowKernels } from './rowKernels.ts'
import { stockFilterGradient } from './stockFilterGradient.ts'
import { ThreadTeam } from './threadTeam.ts'

export interface WasmOptions {
  /** 1..64; 1 when absent. */
  readonly threads?: number
  /** `best` when absent; `simd` gives the same numbers on every processor; `stock` is tfjs alone (slow). */
  readonly kernels?: 'best' | 'simd' | 'stock'
}

export interface WasmEngine {
  readonly kind: 'wasm'
  /** Of tfjs's wasm backend. */
  readonly version: string
  readonly threads: number
  readonly kernels: Instructions | 'stock'
  /** Why the fast kernels, or the threads, are not in use although they were asked for. */
  readonly fallback?: string
  /** Ends the threads and the backend; all tensors are gone afterwards. */
  close(): void
}

let isOpen = false

/**
 * Makes tfjs compute with the wasm backend. When threads cannot start here it uses one, when the fast kernels cannot run it is tfjs
 * alone, and `fallback` says why. Throws `misuse` when it is open already, `engine-unavailable` when not even tfjs's backend starts.
 */
export async function openWasm(options: WasmOptions = {}): Promise<WasmEngine> {
  const { threads = 1, kernels = 'best' } = options
  if (!(Number.isInteger(threads) && threads >= 1 && threads <= 64))
    throw new RangeError(`threads must be 1..64, not ${threads}`)
  if (isOpen) throw new AppError('misuse', 'The wasm engine is already open in this process; close it first.')
  isOpen = true
  try {
    return kernels === 'stock' ? await openStock() : await openBest(kernels, threads)
  } catch (error) {
    removeBackend()
    isOpen = false
    throw error
  }
}

/** With all threads, else with one, else tfjs alone. A defect is no reason to fall back. */
async function openBest(choice: 'best' | 'simd', threads: number): Promise<WasmEngine> {
  let fallback: string | undefined
  for (const count of new Set([threads, 1])) {
    try {
      return { ...(await openFast(choice, count)), fallback }
    } catch (error) {
      if (!(error instanceof AppError)) throw error
      fallback ??= error.message
      removeBackend()
    }
  }
  return openStock(fallback)
}

async function openFast(choice: 'best' | 'simd', threads: number): Promise<WasmEngine> {
  const sharing = threads > 1 ? 'shared' : 'own'
  const { module, instructions } = loadKernels(choice, sharing)
  const heap = openHeap(await startBackend(sharing === 'shared'))
  const kernels = instantiateKernels(module, heap.memory)
  const team = threads > 1 ? await ThreadTeam.start(threads, kernels, module, heap.memory) : undefined
  const runner = new KernelRunner(heap, kernels, team)
  const table = {
    ...convolutionKernels(runner),
    ...matrixKernels(runner),
    ...elementwiseKernels(runner),
    ...groupNormKernels(runner),
    ...resamplingKernels(runner),
    ...rowKernels(runner),
  }
  return createEngine({ threads, kernels: instructions, table, release: () => runner.close() })
}

async function openStock(fallback?: string): Promise<WasmEngine> {
  const table = stockFilterGradient(await startBackend(false))
  return { ...createEngine({ threads: 1, kernels: 'stock', table, release: () => undefined }), fallback }
}

function createEngine(parts: {
  threads: number
  kernels: Instructions | 'stock'
  table: Record<string, Compute>
  release: () => void
}): WasmEngine {
  const uninstall = installKernels(parts.table)
  let closed = false
  return {
    kind: 'wasm',
    version: version_wasm,
    threads: parts.threads,
    kernels: parts.kernels,
    close() {
      if (closed) return
      closed = true
      uninstall()
      parts.release()
      removeBackend()
      isOpen = false
    },
  }
}

/** A fresh backend, so that it starts from the binary that we name. */
async function startBackend(shared: boolean): Promise<tf.KernelBackend> {
  const folder = dirname(fileURLToPath(import.meta.resolve('@tensorflow/tfjs-backend-wasm')))
  const simd = 'tfjs-backend-wasm-simd.wasm'
  setWasmPaths({
    'tfjs-backend-wasm.wasm': join(folder, 'tfjs-backend-wasm.wasm'),
    [simd]: shared ? sharedBackendFile : join(folder, simd),
    'tfjs-backend-wasm-threaded-simd.wasm': join(folder, 'tfjs-backend-wasm-threaded-simd.wasm'),
  })
  removeBackend()
  const started = await withoutNewListeners(() => tf.setBackend(backendName))
  if (!started)
    throw new AppError('engine-unavailable', 'The wasm backend of TensorFlow.js did not start on this machine.')
  return tf.backend()
}

/** tfjs's loader makes the process rethrow every unhandled error; what happens to those is for the program to decide. */
async function withoutNewListeners(start: () => Promise<boolean>): Promise<boolean> {
  const emitter: NodeJS.EventEmitter = process
  const events = ['uncaughtException', 'unhandledRejection']
  const before = events.map((event) => emitter.listeners(event))
  try {
    return await start()
  } finally {
    events.forEach((event, i) => {
      const added = emitter.listeners(event).filter((listener) => !before[i].includes(listener))
      for (const listener of added) emitter.removeListener(event, listener as () => void)
    })
  }
}

/** Takes the running backend away but leaves the way to start another. */
function removeBackend(): void {
  const factory = tf.findBackendFactory(backendName)
  if (factory === null) return
  tf.removeBackend(backendName)
  tf.registerBackend(backendName, factory, 3)
}

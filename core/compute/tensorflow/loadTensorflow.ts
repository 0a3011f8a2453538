/**
 * The native engine: TensorFlow's C library behind TensorFlow.js's own Node backend, registered in the same `tfjs-core` that the
 * networks import. The package's entry point is passed by: it would look for its own library, which is too old for current
 * processors and GPUs. What is left of it is a backend class and its kernels (they import `@tensorflow/tfjs`, which also registers
 * the gradients that `tfjs-core` leaves out under Node).
 */
import { createRequire } from 'node:module'
import { availableParallelism } from 'node:os'
import * as tf from '@tensorflow/tfjs-core'
import type { NodeJSKernelBackend } from '@tensorflow/tfjs-node-gpu/dist/nodejs_kernel_backend.js'
import type { TFJSBinding } from '@tensorflow/tfjs-node-gpu/dist/tfjs_binding.js'
import { AppError } from '../../domain/errors.ts'
import { bindingPath, hasTensorflow, listBuilds, quietPath, tensorflowFolder } from './engineFolder.ts'
import type { TensorflowBuild } from './engineFolder.ts'
import { registerNativeKernels } from './kernels.ts'
import { defineLegacyUtil } from './legacyUtil.ts'
import { tensorflowHint } from './nvidia.ts'

export interface TensorflowEngine {
  kind: 'tensorflow'
  /** Of TensorFlow itself, not of TensorFlow.js. */
  version: string
  /** True where the tensors really live on a GPU. */
  gpu: boolean
  /** Threads one operation may use. */
  threads: number
  close(): void
}

export interface TensorflowOptions {
  /** Threads one operation may use; the number of processors when absent. Only the first opening in a process decides. */
  threads?: number
  /** Which of the two builds; the one that suits this machine when absent. */
  build?: TensorflowBuild
  /** A folder to load from instead of the installed one: how a new folder is verified before it is put in place. */
  folder?: string
}

type BackendModule = typeof import('@tensorflow/tfjs-node-gpu/dist/nodejs_kernel_backend.js')

const packageName = '@tensorflow/tfjs-node-gpu'
/** Only errors; TensorFlow's own default is 0, everything. */
const quietLevel = '2'
const require = createRequire(import.meta.url)

let loaded: { backend: NodeJSKernelBackend; binding: TFJSBinding; threads: number } | undefined

/**
 * Loads TensorFlow into this process and makes it the current backend. There is one TensorFlow per process: opening again after
 * `close` gives the same library with the same threads.
 * @throws AppError 'engine-unavailable' when the library was not brought here or does not load.
 */
export async function openTensorflow(options: TensorflowOptions = {}): Promise<TensorflowEngine> {
  const { threads } = options
  if (threads !== undefined && (!Number.isInteger(threads) || threads < 1))
    throw new RangeError(`threads must be a positive integer, not ${threads}`)
  const { backend, binding } = (loaded ??= load(options.folder ?? findFolder(options.build), threads))
  tf.registerBackend('tensorflow', () => backend)
  registerNativeKernels()
  if (!(await tf.setBackend('tensorflow')) || tf.getBackend() !== 'tensorflow') {
    throw new AppError('engine-unavailable', 'TensorFlow was loaded but did not start.', { hint: tensorflowHint })
  }
  return {
    kind: 'tensorflow',
    version: binding.TF_Version,
    gpu: binding.isUsingGpuDevice(),
    threads: loaded.threads,
    close: () => tf.removeBackend('tensorflow'),
  }
}

function findFolder(wanted: TensorflowBuild | undefined): string {
  const build = wanted ?? listBuilds()[0]
  if (!build || !hasTensorflow(build)) {
    throw new AppError('engine-unavailable', 'TensorFlow was not brought to this machine yet.', {
      hint: tensorflowHint,
    })
  }
  return tensorflowFolder(build)
}

function load(folder: string, threads: number | undefined): NonNullable<typeof loaded> {
  setEnvironment(threads)
  defineLegacyUtil()
  try {
    const binding = loadBinding(folder)
    require(`${packageName}/dist/register_all_kernels.js`)
    const { NodeJSKernelBackend: Backend }: BackendModule = require(`${packageName}/dist/nodejs_kernel_backend.js`)
    const backend = new Backend(binding, packageName)
    return { backend, binding, threads: Number(process.env['TF_NUM_INTRAOP_THREADS']) }
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new AppError('engine-unavailable', `TensorFlow does not load: ${reason}`, { hint: tensorflowHint, cause })
  }
}

/** TensorFlow reads these once, when its library is loaded; what the person has set stays. */
function setEnvironment(threads: number | undefined): void {
  if (threads !== undefined) process.env['TF_NUM_INTRAOP_THREADS'] = String(threads)
  const wanted = {
    TF_NUM_INTRAOP_THREADS: String(availableParallelism()),
    // One operation at a time is all that TensorFlow.js ever asks for.
    TF_NUM_INTEROP_THREADS: '1',
    // Off by default on many processors, where it halves the speed of a convolution's gradient.
    TF_ENABLE_ONEDNN_OPTS: '1',
    TF_CPP_MIN_LOG_LEVEL: quietLevel,
    // Share the GPU's memory with the desktop, and repeat results for the same seed.
    TF_FORCE_GPU_ALLOW_GROWTH: 'true',
    TF_CUDNN_DETERMINISTIC: '1',
  }
  for (const [name, value] of Object.entries(wanted)) process.env[name] ??= value
}

/** TensorFlow's notices while loading are kept off the terminal, unless the person asks for them in TF_CPP_MIN_LOG_LEVEL. */
function loadBinding(folder: string): TFJSBinding {
  if (process.env['TF_CPP_MIN_LOG_LEVEL'] !== quietLevel) return require(bindingPath(folder))
  const quiet: { mute(): void; unmute(): void } = require(quietPath(folder))
  quiet.mute()
  try {
    return require(bindingPath(folder))
  } finally {
    quiet.unmute()
  }
}

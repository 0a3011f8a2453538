/**
 * One engine, opened in this process and described in one form. The libraries are imported only when asked for.
 */
import * as tf from '@tensorflow/tfjs-core'
import type { TensorflowBuild } from './tensorflow/engineFolder.ts'
import { listNvidiaGpus } from './tensorflow/nvidia.ts'

export type EngineKind = 'tensorflow' | 'webgpu' | 'wasm'

export interface Engine {
  kind: EngineKind
  version: string
  /** Threads one operation may use; 1 where a GPU does the work. */
  threads: number
  /** For people: "GPU", "oneDNN on 8 threads", the adapter's name ... */
  detail: string
  close(): void
}

export interface EngineCandidate {
  kind: EngineKind
  threads: number
  /** TensorFlow only: which of its two builds. */
  build?: TensorflowBuild
  /** TensorFlow only: a folder that is not in its final place yet. */
  folder?: string
}

/** `software` marks a GPU interface that a processor imitates: slower than the embedded engine, never chosen unasked. */
export async function openCandidate(candidate: EngineCandidate): Promise<{ engine: Engine; software: boolean }> {
  const { kind, threads } = candidate
  // Without it tfjs talks to the terminal about backends and kernels.
  tf.enableProdMode()
  switch (kind) {
    case 'tensorflow': {
      const { openTensorflow } = await import('./tensorflow/loadTensorflow.ts')
      const opened = await openTensorflow(candidate)
      const detail = opened.gpu
        ? (listNvidiaGpus()[0]?.name ?? 'NVIDIA GPU')
        : `processor, oneDNN, ${countThreads(opened.threads)}`
      return { engine: { ...opened, threads: opened.gpu ? 1 : opened.threads, detail }, software: false }
    }
    case 'webgpu': {
      const { openWebgpu } = await import('./webgpu/openWebgpu.ts')
      const opened = await openWebgpu()
      return { engine: { ...opened, threads: 1, detail: opened.adapter }, software: opened.software }
    }
    case 'wasm': {
      const { openWasm } = await import('./wasm/openWasm.ts')
      const opened = await openWasm({ threads })
      const detail = `processor, ${opened.kernels} kernels, ${countThreads(opened.threads)}`
      return { engine: { ...opened, detail }, software: false }
    }
    default:
      throw new RangeError(`no such engine: ${JSON.stringify(kind)}`)
  }
}

function countThreads(threads: number): string {
  return threads === 1 ? '1 thread' : `${threads} threads`
}

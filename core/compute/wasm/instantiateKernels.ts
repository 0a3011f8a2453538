/** The kernels of one thread, over the tensors' memory. */
import type { Kernel } from './threadControl.ts'

export interface Kernels {
  readonly names: readonly string[]
  /** In the order of `names`, which is the same in every thread. */
  readonly list: readonly Kernel[]
  readonly byName: Readonly<Record<string, (...numbers: number[]) => number>>
}

export function instantiateKernels(module: WebAssembly.Module, memory: WebAssembly.Memory): Kernels {
  const abort = () => {
    throw new Error('a kernel aborted')
  }
  const { exports } = new WebAssembly.Instance(module, { env: { memory, abort } })
  const names = Object.keys(exports).filter((name) => typeof exports[name] === 'function')
  return { names, list: names.map((name) => exports[name]), byName: exports }
}

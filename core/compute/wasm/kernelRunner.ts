/** Runs the kernels on tfjs's tensors, alone or with a team of threads, and keeps the scratch memory they reuse from call to call. */
import type { TensorInfo } from '@tensorflow/tfjs-core'
import type { Block, Heap } from './heap.ts'
import type { Kernels } from './instantiateKernels.ts'
import type { ThreadTeam } from './threadTeam.ts'

/** How the work of a call can be cut: into `items`, at least `grain` at a time, with `scratchBytes` for each thread. */
export interface Cut {
  readonly items: number
  readonly grain?: number
  readonly scratchBytes?: number
}

export class KernelRunner {
  readonly heap: Heap
  readonly #kernels: Kernels
  readonly #team: ThreadTeam | undefined
  readonly #blocks = new Map<string, Block>()

  constructor(heap: Heap, kernels: Kernels, team: ThreadTeam | undefined) {
    this.heap = heap
    this.#kernels = kernels
    this.#team = team
  }

  get threads(): number {
    return this.#team?.threads ?? 1
  }

  run(kernel: string, cut: Cut, ...numbers: number[]): void {
    const { items, grain = 1, scratchBytes = 0 } = cut
    const team = this.#team
    if (team === undefined || items <= grain) {
      this.#kernels.byName[kernel](0, items, this.#scratch(0, scratchBytes), ...numbers)
      return
    }
    const scratch = Array.from({ length: team.threads }, (_, thread) => this.#scratch(thread, scratchBytes))
    team.run(kernel, items, grain, scratch, numbers)
  }

  #scratch(thread: number, bytes: number): number {
    return bytes === 0 ? 0 : this.reserve(`thread ${thread}`, bytes)
  }

  /** Asks the kernels for a size. */
  measure(kernel: string, ...numbers: number[]): number {
    return this.#kernels.byName[kernel](...numbers)
  }

  /** Address of the scratch memory of that name, at least `bytes` long; its contents last until it is reserved again. */
  reserve(name: string, bytes: number): number {
    const kept = this.#blocks.get(name)
    if (kept !== undefined && kept.bytes >= bytes) return kept.address
    if (kept !== undefined) {
      this.#blocks.delete(name)
      this.heap.free(kept)
    }
    const block = this.heap.allocate(bytes)
    this.#blocks.set(name, block)
    return block.address
  }

  /** Address of a tensor that is there. */
  at(tensor: TensorInfo): number {
    return this.heap.addressOf(tensor)
  }

  close(): void {
    this.#team?.close()
    for (const block of this.#blocks.values()) this.heap.free(block)
    this.#blocks.clear()
  }
}

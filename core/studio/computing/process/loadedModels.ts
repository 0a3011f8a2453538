/** The models that were drawn with last, kept on the engine: loading one takes a second, drawing a preview a few milliseconds. */
import { Sampler } from '../../../compute/sampler.ts'
import type { DrawSource } from '../../../contract/drawOrders.ts'
import type { CheckpointRecord, Id } from '../../../domain/records.ts'
import type { ProjectStore } from '../../../storage/project/store.ts'
import { findCheckpoint, loadWeights } from '../../projectCheckpoints.ts'

export interface LoadedModel {
  readonly sampler: Sampler
  readonly checkpoint: CheckpointRecord
  /** What a person calls it. */
  readonly name: string
}

interface Entry extends LoadedModel {
  readonly numbers: number
  /** Jobs that draw with it now: one, and those that wait for that one in a pause. */
  uses: number
}

/** `numbers`: float32 numbers of all weights together, 0.5 GB; the last model stays however large it is. */
export const roomForModels = { models: 4, numbers: 2 ** 27 } as const

export class LoadedModels {
  readonly #store: ProjectStore
  readonly #room: { readonly models: number; readonly numbers: number }
  /** By checkpoint; the one used last is the last. */
  readonly #entries = new Map<Id, Entry>()

  constructor(store: ProjectStore, room: { readonly models: number; readonly numbers: number } = roomForModels) {
    this.#store = store
    this.#room = room
  }

  /**
   * A run's best weights, or its newest ones, are looked up at every call.
   * @throws AppError not-found, storage-failed, bad-input or mismatch where there is nothing that can be drawn with
   */
  async use<T>(source: DrawSource, draw: (model: LoadedModel) => Promise<T>): Promise<T> {
    const checkpoint = findCheckpoint(this.#store, source)
    const entry = this.#entries.get(checkpoint.id) ?? (await this.#load(checkpoint))
    this.#entries.delete(checkpoint.id)
    this.#entries.set(checkpoint.id, entry)
    entry.uses += 1
    try {
      this.#makeRoom()
      return await draw(entry)
    } finally {
      entry.uses -= 1
      this.#makeRoom()
    }
  }

  /** When nobody draws any more. */
  dispose(): void {
    for (const { sampler } of this.#entries.values()) sampler.dispose()
    this.#entries.clear()
  }

  async #load(checkpoint: CheckpointRecord): Promise<Entry> {
    const { manifest, state } = await loadWeights(this.#store, checkpoint.id)
    const name = `“${this.#store.runs.get(checkpoint.runId).name}”`
    const numbers = Object.values(state.tensors).reduce((sum, { data }) => sum + data.length, 0)
    return { sampler: new Sampler(manifest.recipe, state), checkpoint, name, numbers, uses: 0 }
  }

  /** Drops the ones that were not used for longest. */
  #makeRoom(): void {
    const { models, numbers } = this.#room
    let [count, sum] = [0, 0]
    for (const [id, entry] of [...this.#entries].reverse()) {
      count += 1
      sum += entry.numbers
      if (entry.uses > 0 || count === 1 || (count <= models && sum <= numbers)) continue
      this.#entries.delete(id)
      entry.sampler.dispose()
      count -= 1
      sum -= entry.numbers
    }
  }
}

/** A computing process that only saves: one large checkpoint of made-up numbers into the project that a host has open. */
import { setImmediate } from 'node:timers/promises'
import { Random } from '../../domain/random.ts'
import { saveCheckpoint, type StoredTensor } from '../../storage/project/saveCheckpoint.ts'
import { openStore } from '../../storage/project/store.ts'
import { createCheckpointDraft, createRunDraft } from '../../storage/project/testing.ts'
import { openProjectFile } from '../../storage/sqlite/projectFile.ts'
import { ownPort } from '../computing/process/ownPort.ts'

export interface SaveOrder {
  readonly path: string
  readonly holder: string
  readonly bytes: number
}
export type SaveNews =
  { readonly kind: 'saving' } | { readonly kind: 'saved'; readonly ms: number; readonly grownBytes: number }

/** Float32 numbers of one tensor: 40 MB. */
const TENSOR = 10_000_000

const port = ownPort()
port.onGone(() => process.exit(0))
port.onMessage((message) => {
  save(message as SaveOrder).catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`)
    process.exit(1)
  })
})

async function save({ path, holder, bytes }: SaveOrder): Promise<void> {
  const file = openProjectFile(path, { access: { join: holder } })
  const store = openStore(file)
  const run = store.runs.insert(createRunDraft({ name: 'A large one' }))
  const tensors = createTensors(bytes)
  const before = process.memoryUsage.rss()
  let peak = before
  const pause = async () => {
    peak = Math.max(peak, process.memoryUsage.rss())
    await setImmediate()
  }
  port.send({ kind: 'saving' } satisfies SaveNews)
  const startedAt = performance.now()
  const retention = { last: 1, best: 0, everySteps: 0 }
  await saveCheckpoint(store, createCheckpointDraft(run.id, { tensors }), { pause, retention })
  const ms = performance.now() - startedAt
  await pause()
  port.send({ kind: 'saved', ms, grownBytes: peak - before } satisfies SaveNews)
  file.close()
}

/** Other numbers in every chunk, as after a minute of training. */
function createTensors(bytes: number): Record<string, StoredTensor> {
  const random = new Random(process.pid)
  const block = random.normals(65_536)
  let left = Math.floor(bytes / 4)
  const tensors: Record<string, StoredTensor> = {}
  for (let number = 0; left > 0; number++) {
    const data = new Float32Array(Math.min(TENSOR, left))
    for (let at = 0; at < data.length; at += block.length) {
      data.set(block.subarray(0, data.length - at), at)
      data[at] = random.normal()
    }
    tensors[`solver.parameters/${number}`] = { shape: [data.length], data }
    left -= data.length
  }
  return tensors
}

/**
 * How long a large project takes, on a real file: `node core/storage/project/checkpoint.bench.ts [folder]`. A checkpoint of 670 MB (U-Net of
 * 256 pixels with both moments) is saved, saved again with other numbers, loaded and given back; then 10,000 results and 200 runs are listed.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { Random } from '../../domain/random.ts'
import { createProjectFile, openProjectFile } from '../sqlite/projectFile.ts'
import { loadCheckpoint } from './loadCheckpoint.ts'
import { saveCheckpoint, type StoredTensor } from './saveCheckpoint.ts'
import { reportSpace } from './space.ts'
import { openStore, type ProjectStore } from './store.ts'
import { createCheckpointDraft, createProvenance, createRunDraft, textBytes } from './testing.ts'

const megabyte = 1e6
const folder = mkdtempSync(join(process.argv[2] ?? tmpdir(), 'tandem-bench-'))
const path = join(folder, 'Bench.tandem')

let peakRss = 0
let longestTurnMs = 0
let lastTurn = performance.now()
async function pause(): Promise<void> {
  longestTurnMs = Math.max(longestTurnMs, performance.now() - lastTurn)
  await setImmediate()
  peakRss = Math.max(peakRss, process.memoryUsage().rss)
  lastTurn = performance.now()
}

async function measure<T>(what: string, work: () => T | Promise<T>): Promise<T> {
  const before = process.memoryUsage().rss
  peakRss = before
  longestTurnMs = 0
  const start = (lastTurn = performance.now())
  const value = await work()
  const ms = performance.now() - start
  peakRss = Math.max(peakRss, process.memoryUsage().rss)
  const grown = `memory +${((peakRss - before) / megabyte).toFixed(0)} MB`
  const turn = longestTurnMs > 0 ? `, longest turn ${longestTurnMs.toFixed(0)} ms` : ''
  console.log(`${what}: ${ms.toFixed(ms < 100 ? 1 : 0)} ms, ${grown}${turn}`)
  return value
}

/** About what both networks have: some layers of millions of numbers, each with small companions, four times over. */
function createTensors(): Record<string, StoredTensor> {
  const tensors: Record<string, StoredTensor> = {}
  for (const part of ['parameters', 'first', 'second', 'average'])
    for (let layer = 0; layer < 40; layer++) {
      const channels = layer < 16 ? 512 : 64
      const shape = layer < 16 ? [4, 4, 314, 512] : [3, 3, 64, 64]
      tensors[`initializer.${part}/layer${layer}/kernel`] = tensorOf(shape)
      for (const name of ['bias', 'scale', 'shift'])
        tensors[`initializer.${part}/layer${layer}/${name}`] = tensorOf([channels])
    }
  return tensors
}

function tensorOf(shape: readonly number[]): StoredTensor {
  return { shape, data: new Float32Array(shape.reduce((product, length) => product * length, 1)) }
}

/** Other numbers in every chunk, as after a minute of training. */
function stir(tensors: Record<string, StoredTensor>, seed: number): void {
  const block = new Random(seed).normals(65_536)
  let stamp = seed
  for (const { data } of Object.values(tensors))
    for (let at = 0; at < data.length; at += block.length) {
      data.set(block.subarray(0, Math.min(block.length, data.length - at)), at)
      data[at] = stamp++
    }
}

/** Without the log, which shrinks only when it is played back. */
function pagesBytes({ file: { db } }: ProjectStore): number {
  return Number(db.pragma('page_count', { simple: true })) * Number(db.pragma('page_size', { simple: true }))
}

async function benchCheckpoints(store: ProjectStore): Promise<void> {
  const run = store.runs.insert(createRunDraft())
  const tensors = createTensors()
  stir(tensors, 1)
  const size = Object.values(tensors).reduce((sum, { data }) => sum + data.byteLength, 0)
  console.log(`checkpoint of ${(size / megabyte).toFixed(0)} MB in ${Object.keys(tensors).length} tensors`)
  const saving = { pause, retention: { last: 1, best: 0, everySteps: 0 } }
  const draft = createCheckpointDraft(run.id, { tensors })
  await measure('first save', () => saveCheckpoint(store, draft, saving))
  await measure('save of the same numbers', () => saveCheckpoint(store, { ...draft, step: 11 }, saving))
  stir(tensors, 1e6)
  const last = await measure('save of other numbers', () => saveCheckpoint(store, { ...draft, step: 12 }, saving))
  await measure('sweep, keeping the space', () => store.contents.sweep({ pause, kind: 'tensors', keepFreeBytes: size }))
  stir(tensors, 2e6)
  const next = await measure('save into free space', () => saveCheckpoint(store, { ...draft, step: 13 }, saving))
  await measure('sweep, giving the space back', () => store.contents.sweep({ pause, kind: 'tensors' }))
  console.log(`the project has ${(pagesBytes(store) / megabyte).toFixed(0)} MB`)
  if (store.checkpoints.find(last.id)) throw new Error('the retention kept an old checkpoint')
  await measure('load', () => loadCheckpoint(store, next.id))
  store.checkpoints.remove(next.id)
  await measure('remove and sweep', () => store.contents.sweep({ pause }))
}

function fillGallery({ file, contents, runs, results }: ProjectStore): void {
  const random = new Random(1)
  for (let portion = 0; portion < 100; portion++)
    file.write(() => {
      for (let i = 0; i < 100; i++) {
        const picture = contents.put(new Uint8Array(random.normals(2000).buffer), 'picture')
        const condition = contents.put(textBytes(`sketch ${portion}`), 'picture')
        const provenance = createProvenance({ condition, latent: [...random.normals(100)] })
        results.insert({ title: `Vase ${portion} ${i}`, picture, initial: null, width: 64, height: 64, provenance })
      }
    })
  for (let i = 0; i < 200; i++) runs.insert(createRunDraft({ name: `Run ${i}` }))
}

try {
  const file = createProjectFile(path, { name: 'Bench' })
  const store = openStore(file)
  await benchCheckpoints(store)
  await measure('10,000 results and 200 runs, writing', () => fillGallery(store))
  file.close()
  const opened = await measure('opening, with all runs and the first page', () => {
    const reopened = openStore(openProjectFile(path, { access: 'write' }))
    reopened.runs.list()
    reopened.results.page({ offset: 0, limit: 60 })
    return reopened
  })
  const page = opened.results.page({ offset: 8000, limit: 60 })
  console.log(`${page.total} results`)
  await measure('a page in the middle', () => opened.results.page({ offset: 5000, limit: 60 }))
  await measure('a page of a search', () => opened.results.page({ offset: 0, limit: 60, search: 'VASE 4' }))
  await measure('a page of a search without results', () =>
    opened.results.page({ offset: 0, limit: 60, search: 'nothing' }),
  )
  await measure('space report', () => reportSpace(opened.file))
  opened.file.close()
} finally {
  rmSync(folder, { recursive: true })
}

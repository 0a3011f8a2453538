/** What tests of the project need: a store in memory whose clock ticks, and drafts of everything. */
import { Random } from '../../domain/random.ts'
import { createRecipe } from '../../domain/recipes/createRecipe.ts'
import type { Id, Provenance, Retention } from '../../domain/records.ts'
import { createProjectFile } from '../sqlite/projectFile.ts'
import type { DataSetDraft } from './dataSets.ts'
import type { DocumentDraft } from './documents.ts'
import type { NewPicture } from './pictures.ts'
import type { RunDraft } from './runs.ts'
import type { CheckpointDraft, StoredTensor } from './saveCheckpoint.ts'
import { openStore, type ProjectStore } from './store.ts'

/** Names that break what was glued together instead of bound. */
export const hardNames = [
  "Robert'); DROP TABLE run;--",
  '"; DELETE FROM content; --',
  '% _ * ? [a-z] \\',
  'Ünïcödé 陶器 🏺 \u202e\u0301',
  '',
  ' \n\t\0end',
  'x'.repeat(100_000),
]

/** One second after the other. */
export function createClock(): () => string {
  let second = 0
  return () => new Date(Date.UTC(2030, 0, 1, 0, 0, second++)).toISOString()
}

export function openTestStore(): ProjectStore {
  const clock = createClock()
  return openStore(createProjectFile(':memory:', { name: 'Test', clock }), { clock })
}

export const pause = () => Promise.resolve()
export const keepAll: Retention = { last: 1000, best: 0, everySteps: 0 }

export function textBytes(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}

export function countRows({ file }: ProjectStore, table: string): number {
  return file.db.prepare<[], number>(`SELECT count(*) FROM ${table}`).pluck().get() ?? 0
}

export function createRunDraft(changes: Partial<RunDraft> = {}): RunDraft {
  const recipe = createRecipe('quick', { task: 'picture', size: 64, channels: 3, labels: [] })
  return {
    name: 'A run',
    dataSetId: null,
    recipe,
    seed: 7,
    conditionFromPhoto: null,
    fingerprint: null,
    program: '0.1.0',
    ...changes,
  }
}

export function createDataSetDraft(changes: Partial<DataSetDraft> = {}): DataSetDraft {
  return {
    name: 'Vessels',
    kind: 'class',
    layout: 'class-folders',
    description: 'Two classes',
    labels: ['bowl', 'jug'],
    channels: 3,
    conditionChannels: null,
    conditionSide: null,
    naturalSize: { width: 64, height: 48 },
    keeping: 'inside',
    source: '/home/me/vessels',
    ...changes,
  }
}

export function createPicture(name: string, changes: Partial<NewPicture> = {}): NewPicture {
  return {
    name,
    observed: textBytes(`picture ${name}`),
    condition: null,
    kind: 'picture',
    split: 'train',
    label: 0,
    width: 64,
    height: 48,
    skipped: false,
    problem: null,
    ...changes,
  }
}

export function createDocumentDraft(changes: Partial<DocumentDraft> = {}): DocumentDraft {
  return { kind: 'sketch', name: 'A sketch', width: 256.5, height: 128, background: null, ...changes }
}

/** A tensor of numbers, other ones in every chunk and for every seed. */
export function createTensor(seed: number, shape: readonly number[]): StoredTensor {
  const data = new Float32Array(shape.reduce((product, length) => product * length, 1))
  const block = new Random(seed).normals(Math.min(1000, data.length))
  for (let at = 0; at < data.length; at += block.length) {
    data.set(block.subarray(0, data.length - at), at)
    data[at] += at
  }
  return { shape, data }
}

export function createCheckpointDraft(runId: Id, changes: Partial<CheckpointDraft> = {}): CheckpointDraft {
  return {
    runId,
    content: 'training',
    step: 10,
    progress: 0.1,
    elapsedMs: 1234.5,
    engine: 'wasm',
    manifest: { content: 'training', position: { step: 10 } },
    tensors: {},
    score: null,
    best: false,
    ...changes,
  }
}

/** Of every kind: large and small, for training and for drawing, of no dimension and of no numbers. */
export function createTensors(seed = 1): Record<string, StoredTensor> {
  return {
    'solver.parameters/kernel': createTensor(seed, [3, 3, 1, 64]),
    'solver.average/kernel': createTensor(seed + 1, [3, 3, 1, 64]),
    'solver.first/large': createTensor(seed + 2, [2, 1024 ** 2 + 5]),
    'statistics/one': createTensor(seed + 3, []),
    'statistics/none': createTensor(seed + 4, [4, 0, 2]),
  }
}

export function createProvenance(changes: Partial<Provenance> = {}): Provenance {
  return {
    task: 'picture',
    runId: 'run',
    checkpointId: 'checkpoint',
    step: 10,
    weights: 'a'.repeat(64),
    seed: 1,
    langevinSteps: 16,
    noise: false,
    guidance: null,
    labels: null,
    latent: null,
    condition: null,
    mask: null,
    strokes: null,
    engine: 'wasm',
    program: '0.1.0',
    ...changes,
  }
}

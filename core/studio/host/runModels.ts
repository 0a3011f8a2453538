/** Models between a project and single files: the weights of a checkpoint out as safetensors, a stranger's file in as a run of its own. */
import { basename, extname } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import type { ModelManifest } from '../../contract/modelManifest.ts'
import type { Id, Retention, RunRecord } from '../../domain/records.ts'
import { writeModelFile } from '../../storage/modelFile.ts'
import { saveCheckpoint } from '../../storage/project/saveCheckpoint.ts'
import type { ProjectStore } from '../../storage/project/store.ts'
import { loadModel, type SavedModel } from '../models.ts'
import { loadWeights, saveBest, saveTraining } from '../projectCheckpoints.ts'

/** What draws, without folder names and chart. */
export async function exportModel(store: ProjectStore, checkpointId: Id, file: string): Promise<void> {
  const { manifest, state } = await loadWeights(store, checkpointId)
  const exported: ModelManifest = {
    ...manifest,
    content: 'weights',
    best: null,
    data: { ...manifest.data, folder: null, fingerprint: null },
    metrics: [],
    log: [],
  }
  await writeModelFile(file, { manifest: exported, tensors: state.tensors })
}

/** A file that comes in has all its checkpoints kept. */
const retention: Retention = { last: 2, best: 1, everySteps: 0 }
const pause = () => setImmediate()

/** Every tensor is checked against the recipe first; of an import that fails nothing stays. @throws AppError as loadModel */
export async function importModel(store: ProjectStore, file: string, name?: string): Promise<RunRecord> {
  const model = await loadModel(file)
  const { recipe, position, data, program, metrics } = model.manifest
  const run = store.runs.insert({
    name: name ?? (basename(file, extname(file)).trim().slice(0, 120) || 'Model'),
    ...{ dataSetId: null, recipe, seed: position.seed, conditionFromPhoto: data.conditionFromPhoto },
    ...{ fingerprint: null, program },
  })
  try {
    await saveParts(store, run.id, model)
    store.metrics.append(run.id, metrics)
  } catch (error) {
    await store.bin.remove('run', run.id, { pause })
    throw error
  }
  return store.runs.get(run.id)
}

async function saveParts(store: ProjectStore, runId: Id, { manifest, checkpoint, best }: SavedModel): Promise<void> {
  const { recipe, data, engine, program, position } = manifest
  const about = { recipe, data: { ...data, folder: null }, engine, program }
  const options = { progress: 1, pause, retention }
  if (manifest.content === 'training') {
    await saveTraining(store, { runId, about }, checkpoint, options)
    // A score that was not noted with its pictures is a score all the same.
    if (best) await saveBest(store, { runId, about }, best, position, options)
    return
  }
  const { step, elapsedMs } = position
  const kept: ModelManifest = { ...manifest, ...about, metrics: [], log: [] }
  await saveCheckpoint(
    store,
    {
      ...{ runId, content: 'weights', step, elapsedMs, progress: 1, engine, score: null, best: true },
      ...{ manifest: kept, tensors: checkpoint.state.tensors },
    },
    { pause, retention },
  )
}

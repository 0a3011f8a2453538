/** From the row of a run (and a checkpoint) to what its training starts with; refused where it could not go on exactly. */
import type { ModelManifest } from '../../../contract/modelManifest.ts'
import { parseRecipe } from '../../../contract/recipeSchema.ts'
import type { Work } from '../../../contract/computeProtocol.ts'
import type { DataSet } from '../../../data/dataSet.ts'
import { AppError } from '../../../domain/errors.ts'
import type { Id, RunRecord } from '../../../domain/records.ts'
import { openStoredDataSet } from '../../dataSets/storedDataSet.ts'
import { assertSamePictures, fingerprintOf } from '../../fingerprint.ts'
import { loadBest, loadTraining, type RunFacts } from '../../projectCheckpoints.ts'
import { programVersion } from '../../programVersion.ts'
import type { TrainingPlan } from '../../trainingLoop.ts'
import type { ProcessContext } from './context.ts'

export type TrainWork = Extract<Work, { readonly kind: 'train' }>

export interface RunPlan extends TrainingPlan {
  readonly facts: RunFacts
  /** Absent for a run that begins. */
  readonly resumed?: {
    readonly checkpointId: Id
    /** The newest of its run: a later crash goes on from it, too, without it being saved anew. */
    readonly newest: boolean
    /** What it was computed with until now, in words. */
    readonly engineBefore: string
  }
}

/** @throws AppError misuse, mismatch or not-found in a sentence that says what is missing */
export async function planTraining(
  { runId, checkpointId, length }: TrainWork,
  { store, engine }: Pick<ProcessContext, 'store' | 'engine'>,
): Promise<RunPlan> {
  const run = store.runs.get(runId)
  const data = openData(run, store)
  const loaded = checkpointId === null ? undefined : await loadTraining(store, checkpointId)
  const recipe = loaded?.manifest.recipe ?? parseRecipe(run.recipe)
  const conditionFromPhoto = run.conditionFromPhoto ?? undefined
  const plan = {
    ...{ data, conditionFromPhoto },
    recipe: { ...recipe, length: length ?? run.recipe.length },
    seed: run.seed,
  }
  const about = {
    recipe: plan.recipe,
    data: aboutData(data, run),
    engine: `${engine.kind} ${engine.version}, ${engine.detail}`,
    program: programVersion,
  }
  const facts = { runId, about }
  if (loaded === undefined || checkpointId === null) return { ...plan, facts }
  if (store.checkpoints.get(checkpointId).runId !== runId)
    throw new AppError('misuse', `This checkpoint belongs to another run than “${run.name}”.`)
  return {
    ...plan,
    facts,
    resume: loaded.checkpoint,
    best: await loadBest(store, runId),
    resumed: {
      checkpointId,
      newest: store.checkpoints.newest(runId)?.id === checkpointId,
      engineBefore: loaded.manifest.engine,
    },
  }
}

function openData({ name, dataSetId, fingerprint }: RunRecord, store: ProcessContext['store']): DataSet {
  const record = dataSetId === null ? undefined : store.dataSets.find(dataSetId)
  if (record === undefined)
    throw new AppError('not-found', `The pictures that “${name}” learned from are not in this project.`, {
      hint: 'Draw with it, or start a new training on a data set of this project.',
    })
  const data = openStoredDataSet(store, record.id)
  assertSamePictures({ pictures: null, fingerprint }, data, `“${record.name}”`)
  return data
}

function aboutData(data: DataSet, { conditionFromPhoto }: RunRecord): ModelManifest['data'] {
  return {
    description: data.description,
    pictures: data.count.train,
    fingerprint: fingerprintOf(data),
    folder: null,
    conditionSide: data.conditionSide ?? null,
    conditionFromPhoto,
  }
}

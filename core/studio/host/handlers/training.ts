/** Runs: composed, measured, started, paused, gone on with, looked at. */
import { setImmediate } from 'node:timers/promises'
import type { Handlers } from '../../../contract/requests.ts'
import type { trainingRequests } from '../../../contract/requests/training.ts'
import type { Recipe } from '../../../domain/recipe.ts'
import type { DataSetRecord, Id } from '../../../domain/records.ts'
import { composeRecipe, type RecipeOrder } from '../../composeRecipe.ts'
import { openStoredDataSet } from '../../dataSets/storedDataSet.ts'
import { findOnlyFile } from '../../dataSets/uploads.ts'
import { fingerprintOf } from '../../fingerprint.ts'
import { programVersion } from '../../programVersion.ts'
import type { HostContext } from '../context.ts'
import { assertIdle } from '../idleRun.ts'
import { countParameters, optionRows } from '../recipeRows.ts'
import { exportModel, importModel } from '../runModels.ts'

export function createTrainingHandlers(context: HostContext): Pick<Handlers, keyof typeof trainingRequests> {
  const { desk, queue, settings, uploads, downloads, tell } = context
  const tellChanged = () => tell('project:changed', { what: 'runs' })

  function compose(order: RecipeOrder & { readonly dataSetId: Id }): { recipe: Recipe; data: DataSetRecord } {
    const data = desk.getStore().dataSets.get(order.dataSetId)
    const { kind, labels, channels, conditionChannels, naturalSize } = data
    const looks = { kind, labels, channels, naturalSize, conditionChannels: conditionChannels ?? undefined }
    return { recipe: composeRecipe(order, looks), data }
  }

  return {
    'recipe:compose'(order) {
      const { recipe } = compose(order)
      return { recipe, options: optionRows(recipe), parameters: countParameters(recipe) }
    },

    'training:measure'(order) {
      const { data } = compose(order)
      const work = { kind: 'preflight', order } as const
      return { jobId: queue.start({ kind: 'preflight', title: `Measure “${data.name}”`, runId: null, work }).id }
    },

    async 'training:start'(order) {
      const { recipe, data } = compose(order)
      const store = desk.getStore()
      const run = store.runs.insert({
        name: order.name ?? `${data.name}, ${recipe.name} ${recipe.size}`.slice(0, 120),
        ...{ dataSetId: data.id, recipe, seed: order.seed },
        conditionFromPhoto: order.conditionFromPhoto ?? null,
        fingerprint: fingerprintOf(openStoredDataSet(store, data.id)),
        program: programVersion,
      })
      const { retention } = settings.get()
      const work = { kind: 'train', runId: run.id, checkpointId: null, length: null, retention } as const
      try {
        const { id } = queue.start({ kind: 'train', title: `Train “${run.name}”`, runId: run.id, work })
        tellChanged()
        return { jobId: id, runId: run.id }
      } catch (error) {
        await store.bin.remove('run', run.id, { pause: () => setImmediate() })
        throw error
      }
    },

    'training:pause'({ jobId }) {
      queue.pause(jobId)
      return null
    },

    'training:resume'({ runId, checkpointId, length = null }) {
      const { runs, checkpoints } = desk.getStore()
      const run = runs.get(runId)
      assertIdle(queue, run)
      const checkpoint = checkpointId === undefined ? checkpoints.newest(runId) : checkpoints.get(checkpointId)
      const { retention } = settings.get()
      const work = { kind: 'train', runId, checkpointId: checkpoint?.id ?? null, length, retention } as const
      return { jobId: queue.start({ kind: 'train', title: `Train “${run.name}”`, runId, work }).id }
    },

    'training:checkpoint'({ jobId }) {
      queue.checkpoint(jobId)
      return null
    },

    'runs:list': () => desk.getStore().runs.list(),
    'run:get': ({ runId }) => desk.getStore().runs.get(runId),

    'run:rename'({ runId, name }) {
      desk.getStore().runs.rename(runId, name)
      tellChanged()
      return desk.getStore().runs.get(runId)
    },

    'run:metrics'({ runId, from, to, points }) {
      const { runs, metrics } = desk.getStore()
      return metrics.read(runs.get(runId).id, { from, to, points })
    },

    'run:notes'({ runId }) {
      const { runs } = desk.getStore()
      return runs.notes(runs.get(runId).id)
    },

    'run:probes'({ runId }) {
      const { runs, probes } = desk.getStore()
      const { id } = runs.get(runId)
      return { targets: probes.targets(id) ?? null, probes: probes.list(id) }
    },

    'run:checkpoints'({ runId }) {
      const { runs, checkpoints } = desk.getStore()
      return checkpoints.list(runs.get(runId).id)
    },

    'checkpoint:pin'({ checkpointId, pinned }) {
      const { checkpoints } = desk.getStore()
      if (pinned) checkpoints.pin(checkpointId)
      else checkpoints.unpin(checkpointId)
      tellChanged()
      return checkpoints.get(checkpointId)
    },

    'checkpoint:remove'({ checkpointId }) {
      desk.getStore().checkpoints.remove(checkpointId)
      desk.getSweeper().ask()
      tellChanged()
      return null
    },

    'model:export'({ checkpointId }) {
      const store = desk.getStore()
      const { runId, step } = store.checkpoints.get(checkpointId)
      const name = `${store.runs.get(runId).name}, step ${step}.safetensors`
      return downloads.offer(name, 'application/octet-stream', (path) => exportModel(store, checkpointId, path))
    },

    async 'model:import'({ uploadId, name }) {
      const run = await importModel(desk.getStore(), await findOnlyFile(uploads.get(uploadId)), name)
      await uploads.discard(uploadId)
      tellChanged()
      return run
    },
  }
}

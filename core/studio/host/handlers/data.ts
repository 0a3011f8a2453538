/** Pictures to learn from. */
import type { Handlers } from '../../../contract/requests.ts'
import type { dataRequests } from '../../../contract/requests/data.ts'
import { AppError } from '../../../domain/errors.ts'
import type { PictureFilter } from '../../../storage/project/pictures.ts'
import { changePicture, pairPictures, relabelDataSet, renameDataSet } from '../../dataSets/changeDataSet.ts'
import { importInThread, inspectInThread } from '../../dataSets/dataThread.ts'
import { showExamples } from '../../dataSets/showExamples.ts'
import { swapSides } from '../../dataSets/swapSides.ts'
import { RemainingTime } from '../../remaining.ts'
import type { HostContext } from '../context.ts'
import { withoutPlaces } from '../hidePlaces.ts'

export function createDataHandlers({
  options,
  desk,
  queue,
  uploads,
  tell,
}: HostContext): Pick<Handlers, keyof typeof dataRequests> {
  const tellChanged = () => tell('project:changed', { what: 'dataSets' })
  /** @returns what was changed, after everybody was told */
  const changed = <T>(value: T): T => {
    tellChanged()
    return value
  }

  return {
    'upload:begin': async ({ purpose }) => ({ uploadId: await uploads.begin(purpose) }),

    async 'upload:choose'({ purpose }) {
      if (options.chooseFiles === undefined)
        throw new AppError('misuse', 'This host has no dialogs to choose files with.', {
          hint: 'Drop the files on the page.',
        })
      const path = await options.chooseFiles(purpose)
      return { uploadId: path === undefined ? null : await uploads.takeLocal(path, purpose) }
    },

    async 'upload:discard'({ uploadId }) {
      await uploads.discard(uploadId)
      return null
    },

    'data:inspect': ({ uploadId, layout, conditionSide }) =>
      inspectInThread(uploads.get(uploadId), { layout, conditionSide }),

    'data:import'({ uploadId, ...order }) {
      const store = desk.getStore()
      const upload = uploads.get(uploadId)
      const { id } = queue.startLocal({
        kind: 'import',
        title: `Import “${order.name}”`,
        async run(signal, report) {
          const watch = watchProgress()
          const tellProgress = (told: Told) => report(watch(told))
          const { id, count } = await importInThread({ store, upload, order, signal, tell: tellProgress }).catch(
            (error: unknown) => {
              throw withoutPlaces(error)
            },
          )
          tellChanged()
          await uploads.discard(uploadId)
          const pictures = count.train + count.heldOut
          return { kind: 'imported', dataSetId: id, pictures, problems: count.problems }
        },
      })
      return { jobId: id }
    },

    'data:list': () => desk.getStore().dataSets.list(),
    'data:get': ({ dataSetId }) => desk.getStore().dataSets.get(dataSetId),
    'data:rename': ({ dataSetId, name }) => changed(renameDataSet(desk.getStore(), dataSetId, name)),
    'data:relabel': ({ dataSetId, labels }) => changed(relabelDataSet(desk.getStore(), dataSetId, labels)),
    'data:swap': async ({ dataSetId }) => changed(await swapSides(desk.getStore(), dataSetId)),

    'data:pictures'({ dataSetId, offset, limit, split, label, only }) {
      const { dataSets, pictures } = desk.getStore()
      const filter = { split, label, ...(only && filters[only]) }
      return pictures.list(dataSets.get(dataSetId).id, filter, { offset, limit })
    },

    'picture:change': (change) => changed(changePicture(desk.getStore(), change)),
    'picture:pair': (order) => changed(pairPictures(desk.getStore(), order)),
    'data:examples': (order) => showExamples(desk.getStore(), order),
  }
}

const filters: Readonly<Record<'problems' | 'skipped' | 'used', PictureFilter>> = {
  problems: { problem: 'any' },
  skipped: { skipped: true },
  used: { skipped: false },
}

type Told = { readonly done: number; readonly total: number; readonly unit: string; readonly note: string | null }

/** Adds to what an import tells how long it took, and how long it may still take. */
function watchProgress() {
  const startedAt = performance.now()
  const time = new RemainingTime()
  return (told: Told) => {
    const now = performance.now()
    time.add(now, told.total > 0 ? told.done / told.total : 0)
    const range = time.range()
    return { ...told, elapsedMs: now - startedAt, remaining: range ? { lowMs: range.low, highMs: range.high } : null }
  }
}

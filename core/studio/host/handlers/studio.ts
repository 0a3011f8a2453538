/** The program itself: state, engines, settings, jobs, diagnostics. */
import type { Handlers } from '../../../contract/requests.ts'
import type { studioRequests } from '../../../contract/requests/studio.ts'
import { AppError } from '../../../domain/errors.ts'
import type { JobRecord } from '../../../domain/records.ts'
import { programVersion } from '../../programVersion.ts'
import type { HostContext } from '../context.ts'
import { formatDiagnostics } from '../diagnostics.ts'
import { assertPlainJson } from '../plainJson.ts'

const LOG_LINES = 60

export function createStudioHandlers(context: HostContext): Pick<Handlers, keyof typeof studioRequests> {
  const { options, desk, queue, settings, log, tell, listEngines, notes } = context
  const tellSettings = () => tell('project:changed', { what: 'settings' })

  return {
    'studio:state': () => ({
      program: programVersion,
      host: options.host,
      project: desk.store?.project.get() ?? null,
      engine: queue.engine,
      jobs: queue.list(),
      notes: [...notes],
    }),

    'engine:list': () => listEngines(),

    async 'engine:choose'(choice) {
      settings.change(choice)
      tellSettings()
      return queue.chooseEngine(choice)
    },

    'settings:get': () => settings.get(),

    'settings:change'(change) {
      assertPlainJson(change, 'The change')
      const changed = settings.change(change)
      tellSettings()
      return changed
    },

    async 'diagnostics:report'() {
      const { deaths, lastWords } = queue.facts()
      return {
        text: formatDiagnostics({
          host: options.host,
          engine: queue.engine,
          engines: await listEngines(),
          project: describeProject(context),
          jobs: queue.list().map(describeJob),
          computeLines: [
            ...deaths.map(({ at, reason }) => `${at} it stopped: ${reason}`),
            ...lastWords.split('\n').filter(Boolean).slice(-LOG_LINES),
          ],
          logLines: log.lines().slice(-LOG_LINES),
        }),
      }
    },

    'jobs:list'() {
      const known = queue.list()
      const ids = new Set(known.map(({ id }) => id))
      return [...known, ...(desk.store?.jobs.list() ?? []).filter(({ id }) => !ids.has(id))]
    },

    'job:get'({ jobId }) {
      const found = queue.list().find(({ id }) => id === jobId) ?? desk.store?.jobs.find(jobId)
      if (found) return found
      throw new AppError('not-found', 'This job is not known (any more).')
    },

    'job:cancel'({ jobId }) {
      queue.cancel(jobId)
      return null
    },
  }
}

/** In numbers: names are the person's own. */
function describeProject({ desk: { store } }: HostContext): string {
  if (store === undefined) return 'none open'
  const { sizeBytes, freeBytes, readOnly } = store.project.get()
  const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`
  const counts = `${store.dataSets.list().length} data sets, ${store.runs.list().length} runs`
  return `${megabytes(sizeBytes)} (${megabytes(freeBytes)} free), ${counts}${readOnly ? ', open to look only' : ''}`
}

function describeJob({ kind, state, progress: { done, total, unit } }: JobRecord): string {
  const ending = state.kind === 'ended' ? state.ending : undefined
  const end = ending === undefined ? state.kind : ending.kind === 'failed' ? `failed (${ending.code})` : ending.kind
  return `${kind}: ${end}, ${done} of ${total} ${unit}`
}

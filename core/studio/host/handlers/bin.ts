/** The bin of the open project. */
import { setImmediate } from 'node:timers/promises'
import type { Events } from '../../../contract/events.ts'
import type { Handlers } from '../../../contract/requests.ts'
import type { BinnedKind } from '../../../contract/requests/projects.ts'
import { AppError } from '../../../domain/errors.ts'
import type { HostContext } from '../context.ts'
import { assertIdle } from '../idleRun.ts'

type BinHandlers = Pick<Handlers, 'bin:list' | 'bin:add' | 'bin:restore' | 'bin:empty'>

const lists: Readonly<Record<BinnedKind, Events['project:changed']['what']>> = {
  dataSet: 'dataSets',
  run: 'runs',
  document: 'documents',
  result: 'results',
}

export function createBinHandlers({ desk, queue, tell }: HostContext): BinHandlers {
  const bin = () => desk.getStore().bin
  const tellChanged = (kind: BinnedKind) => {
    tell('project:changed', { what: lists[kind] })
    tell('project:changed', { what: 'bin' })
  }

  return {
    'bin:list': () => bin().list(),

    'bin:add'({ kind, id }) {
      if (kind === 'run') assertIdle(queue, desk.getStore().runs.get(id))
      bin().put(kind, id)
      tellChanged(kind)
      return null
    },

    'bin:restore'({ kind, id }) {
      bin().restore(kind, id)
      tellChanged(kind)
      return null
    },

    async 'bin:empty'({ only }) {
      const pause = () => setImmediate()
      let deleted = 1
      if (only === undefined) deleted = await bin().empty({ pause })
      else {
        if (
          !bin()
            .list()
            .some(({ kind, id }) => kind === only.kind && id === only.id)
        )
          throw new AppError('not-found', 'This is not in the bin (any more); nothing was deleted.')
        await bin().remove(only.kind, only.id, { pause })
      }
      desk.getSweeper().ask()
      tell('project:changed', { what: 'bin' })
      return { deleted }
    },
  }
}

/** What each request needs before its handler runs: the one place that says what a read-only project refuses. */
import type { RequestName } from '../../contract/requests.ts'
import { AppError } from '../../domain/errors.ts'

/** `nothing`; an open `project`, also one to look only; one that may be written (`writing`). */
type Need = 'nothing' | 'project' | 'writing'

export const needs: { readonly [N in RequestName]: Need } = {
  'studio:state': 'nothing',
  'engine:list': 'nothing',
  'engine:choose': 'nothing',
  'settings:get': 'nothing',
  'settings:change': 'nothing',
  'diagnostics:report': 'nothing',
  'jobs:list': 'nothing',
  'job:get': 'nothing',
  'job:cancel': 'nothing',
  'projects:list': 'nothing',
  'project:create': 'nothing',
  'project:open': 'nothing',
  'project:close': 'nothing',
  'project:rename': 'writing',
  'project:duplicate': 'nothing',
  'project:export': 'project',
  'project:import': 'nothing',
  'project:salvage': 'nothing',
  'project:bin': 'nothing',
  'project:restore': 'nothing',
  'project:delete': 'nothing',
  'project:space': 'project',
  'project:tidy': 'writing',
  'bin:list': 'project',
  'bin:add': 'writing',
  'bin:restore': 'writing',
  'bin:empty': 'writing',
  'upload:begin': 'nothing',
  'upload:choose': 'nothing',
  'upload:discard': 'nothing',
  'data:inspect': 'nothing',
  'data:import': 'writing',
  'data:list': 'project',
  'data:get': 'project',
  'data:rename': 'writing',
  'data:relabel': 'writing',
  'data:swap': 'writing',
  'data:pictures': 'project',
  'picture:change': 'writing',
  'picture:pair': 'writing',
  'data:examples': 'project',
  'recipe:compose': 'project',
  'training:measure': 'writing',
  'training:start': 'writing',
  'training:pause': 'writing',
  'training:resume': 'writing',
  'training:checkpoint': 'writing',
  'runs:list': 'project',
  'run:get': 'project',
  'run:rename': 'writing',
  'run:metrics': 'project',
  'run:notes': 'project',
  'run:probes': 'project',
  'run:checkpoints': 'project',
  'checkpoint:pin': 'writing',
  'checkpoint:remove': 'writing',
  'model:export': 'project',
  'model:import': 'writing',
  'documents:list': 'project',
  'document:create': 'writing',
  'document:get': 'project',
  'document:append': 'writing',
  'document:move': 'writing',
  'document:rename': 'writing',
  'draw:preview': 'project',
  'draw:refine': 'project',
  'draw:sample': 'project',
  'draw:interpolate': 'project',
  'draw:infer': 'project',
  'evaluation:start': 'writing',
  'result:keep': 'writing',
  'results:list': 'project',
  'result:get': 'project',
  'result:change': 'writing',
  'result:reproduce': 'project',
  'result:export': 'project',
}

/** @throws AppError misuse where no project is open, storage-failed where it may only be looked at */
export function assertNeeds(name: RequestName, open: { readonly readOnly: boolean } | undefined): void {
  const need = needs[name]
  if (need === 'nothing') return
  if (open === undefined) throw noProject()
  if (need === 'writing' && open.readOnly)
    throw new AppError('storage-failed', 'This project is open to look only; nothing in it was changed.', {
      hint: 'Open it for writing once the other program has closed it, or duplicate it and work in the copy.',
    })
}

export function noProject(): AppError {
  return new AppError('misuse', 'No project is open.', { hint: 'Open a project first, or make a new one.' })
}

/** The way to the computing process, watched: how long previews wait there, how long a training computes without a pause, which project is open. */
import type { FromCompute, ToCompute } from '../../contract/computeProtocol.ts'
import type { ProcessPort } from '../../contract/port.ts'

/** Told by benchEntry: a training has computed for so long between two pauses. Nobody else hears of it. */
export interface Stretch {
  readonly kind: 'stretch'
  readonly ms: number
}

export interface PreviewTimes {
  /** From the host's message until it was begun. */
  readonly waitedMs: number
  /** From there until its picture was in the host. */
  readonly ownMs: number
}

export interface Watch {
  watch(port: ProcessPort): ProcessPort
  /** What came since the last call. */
  take(): { readonly stretchesMs: readonly number[]; readonly previews: readonly PreviewTimes[] }
  /** As the computing process was told. */
  readonly project: Extract<ToCompute, { readonly kind: 'project' }> | null
}

export function createWatch(): Watch {
  let project: Watch['project'] = null
  let stretchesMs: number[] = []
  let previews: PreviewTimes[] = []
  let current: { readonly id: string; readonly sentAt: number; begunAt: number } | null = null

  function noteSent(message: ToCompute): void {
    if (message.kind === 'project') project = message
    if (message.kind === 'start' && message.work.kind === 'preview')
      current = { id: message.jobId, sentAt: performance.now(), begunAt: 0 }
  }

  function noteHeard(message: FromCompute): void {
    if (current === null || !('jobId' in message) || message.jobId !== current.id) return
    if (message.kind === 'begun') current.begunAt = performance.now()
    if (message.kind !== 'pictured') return
    const { sentAt, begunAt } = current
    previews.push({ waitedMs: begunAt - sentAt, ownMs: performance.now() - begunAt })
  }

  return {
    watch: (port) => ({
      ...port,
      send(message) {
        noteSent(message as ToCompute)
        port.send(message)
      },
      onMessage: (listener) =>
        port.onMessage((message) => {
          const told = message as FromCompute | Stretch
          if (told.kind === 'stretch') return void stretchesMs.push(told.ms)
          noteHeard(told)
          listener(message)
        }),
    }),
    take() {
      const taken = { stretchesMs, previews }
      stretchesMs = []
      previews = []
      return taken
    },
    get project() {
      return project
    },
  }
}

/** Sentences of the pages, in one place. */
import type { JobRecord } from '../../core/domain/records.ts'
import type { EngineState } from '../../core/contract/studioTypes.ts'
import type { Link } from './studio.ts'

export function sayLink(link: Link): string {
  return { connecting: 'Connecting', open: 'Connected', lost: 'Connection lost, trying again' }[link]
}

export function sayEngine(engine: EngineState): string {
  switch (engine.kind) {
    case 'ready':
      return `${engine.engine} ${engine.version}, ${engine.detail}`
    case 'starting':
      return 'The engine is starting'
    case 'restarting':
    case 'unavailable':
      return engine.message
  }
}

export function sayJob({ state, progress }: JobRecord): string {
  if (state.kind === 'queued') return 'waiting'
  if (state.kind === 'running') {
    const { done, total, unit, remaining } = progress
    const counted = total > 0 ? `${Math.floor(done)} of ${Math.floor(total)} ${unit}` : 'running'
    if (remaining === null) return counted
    const [low, high] = [sayMinutes(remaining.lowMs), sayMinutes(remaining.highMs)]
    return low === high ? `${counted}, about ${high} left` : `${counted}, ${low} to ${high} left`
  }
  const { ending } = state
  return ending.kind === 'failed' ? ending.message : ending.kind
}

/** Coarse on purpose. */
function sayMinutes(ms: number): string {
  return ms < 90_000 ? `${Math.ceil(ms / 1000)} s` : `${Math.ceil(ms / 60_000)} min`
}

export function sayBytes(bytes: number): string {
  if (bytes < 1e6) return `${Math.ceil(bytes / 1e3)} KB`
  return bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(2)} GB`
}

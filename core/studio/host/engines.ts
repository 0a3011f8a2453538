/** Engines as pages see them. */
import type { EngineReport, EngineState } from '../../contract/studioTypes.ts'
import type { DeviceReport } from '../../compute/devices.ts'
import { type Machine, thisMachine } from '../../compute/engine.ts'
import { probeInChild } from '../../compute/probeInChild.ts'
import type { StartScript } from '../startScript.ts'

/** What computes, in the words that runs and results keep. */
export function describeEngine(state: EngineState): string {
  return state.kind === 'ready' ? `${state.engine} ${state.version}, ${state.detail}` : 'unknown'
}

/** This machine, with the host's own way to try an engine in a process of its own. */
export function machineWith(start: StartScript | undefined): Machine {
  return start ? { ...thisMachine, probe: (candidate) => probeInChild(candidate, { start }) } : thisMachine
}

/** Tries every engine in a process of its own. Asked meanwhile, the same answer serves. */
export function createEngineList(describe: () => Promise<DeviceReport>): () => Promise<readonly EngineReport[]> {
  let asking: Promise<readonly EngineReport[]> | undefined
  return () => {
    asking ??= describe()
      .then(({ engines }) => engines.map(toReport))
      .finally(() => {
        asking = undefined
      })
    return asking
  }
}

function toReport({
  kind,
  build,
  available,
  version,
  detail,
  reason,
  howToGet,
}: DeviceReport['engines'][number]): EngineReport {
  return {
    engine: kind,
    available,
    version: version ?? null,
    detail: build && !available ? `${build} ${detail}`.trim() : detail,
    reason: reason ?? null,
    howToGet: howToGet ?? null,
  }
}

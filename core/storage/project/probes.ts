/** Probe pictures of a run: the same held-out examples drawn again and again, and what they are compared with. */
import type { Id, ProbeRecord, ProbeTargets } from '../../domain/records.ts'
import type { ProjectFile } from '../sqlite/projectFile.ts'
import type { Contents } from './contents.ts'

/** Picture files (PNG). */
export interface NewProbe {
  readonly step: number
  readonly initial: Uint8Array
  readonly refined: Uint8Array
}

export type Probes = ReturnType<typeof openProbes>

export function openProbes(file: ProjectFile, contents: Contents) {
  const { db } = file
  const insert = db.prepare('INSERT OR REPLACE INTO probe (run_id, step, initial, refined) VALUES (?, ?, ?, ?)')
  const list = db.prepare<[Id], ProbeRecord>('SELECT step, initial, refined FROM probe WHERE run_id = ? ORDER BY step')
  const truncate = db.prepare('DELETE FROM probe WHERE run_id = ? AND step > ?')
  const setTargets = db.prepare('INSERT OR REPLACE INTO probe_targets (run_id, observed, condition) VALUES (?, ?, ?)')
  const targets = db.prepare<[Id], ProbeTargets>('SELECT observed, condition FROM probe_targets WHERE run_id = ?')

  return {
    /** A step that is there already is replaced. */
    insert(runId: Id, { step, initial, refined }: NewProbe): ProbeRecord {
      return file.write(() => {
        const probe = { step, initial: contents.put(initial, 'picture'), refined: contents.put(refined, 'picture') }
        insert.run(runId, step, probe.initial, probe.refined)
        return probe
      })
    },

    /** In the order of the steps. */
    list(runId: Id): ProbeRecord[] {
      return list.all(runId)
    },

    /** Forgets what came after a step, for a run that goes on from there. */
    truncateAfter(runId: Id, step: number): void {
      file.write(() => truncate.run(runId, step))
    },

    setTargets(runId: Id, { observed, condition }: { observed: Uint8Array; condition: Uint8Array | null }): void {
      file.write(() => {
        const hash = condition && contents.put(condition, 'picture')
        setTargets.run(runId, contents.put(observed, 'picture'), hash)
      })
    },

    targets(runId: Id): ProbeTargets | undefined {
      return targets.get(runId)
    },
  }
}

/** After a crash: what was acknowledged is there, what was not is cleared away. */
import type { JobRecord } from '../../domain/records.ts'
import type { Deleting } from './bin.ts'
import type { ProjectStore } from './store.ts'

/**
 * For the host alone, when it has opened a project or when its computing process has died, before anything new begins: jobs that were going
 * on end as interrupted, half-saved checkpoints are given to the sweep, half-imported and half-deleted things are deleted.
 * @returns the jobs that were interrupted
 */
export async function recover({ jobs, contents, bin }: ProjectStore, { pause }: Deleting): Promise<JobRecord[]> {
  const interrupted = jobs.interruptRunning()
  contents.releaseAll()
  await bin.removeUnfinished({ pause })
  return interrupted
}

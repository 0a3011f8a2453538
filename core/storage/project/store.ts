/** All that a project remembers, by what it is: the repositories over one open file. */
import type { ProjectFile } from '../sqlite/projectFile.ts'
import { openBin, type Bin } from './bin.ts'
import { openCheckpoints, type Checkpoints } from './checkpoints.ts'
import { systemClock, type Clock } from './clock.ts'
import { openContents, type Contents } from './contents.ts'
import { openDataSets, type DataSets } from './dataSets.ts'
import { openDocuments, type Documents } from './documents.ts'
import { openJobs, type Jobs } from './jobs.ts'
import { openMetrics, type Metrics } from './metrics.ts'
import { openPictures, type Pictures } from './pictures.ts'
import { openProbes, type Probes } from './probes.ts'
import { openProject, type Project } from './project.ts'
import { openResults, type Results } from './results.ts'
import { openRuns, type Runs } from './runs.ts'

export interface ProjectStore {
  readonly file: ProjectFile
  readonly project: Project
  readonly contents: Contents
  readonly dataSets: DataSets
  readonly pictures: Pictures
  readonly runs: Runs
  readonly metrics: Metrics
  readonly probes: Probes
  readonly checkpoints: Checkpoints
  readonly documents: Documents
  readonly results: Results
  readonly jobs: Jobs
  readonly bin: Bin
}

export function openStore(file: ProjectFile, { clock = systemClock }: { readonly clock?: Clock } = {}): ProjectStore {
  const contents = openContents(file)
  return {
    file,
    contents,
    project: openProject(file),
    dataSets: openDataSets(file, clock),
    pictures: openPictures(file, contents),
    runs: openRuns(file, clock),
    metrics: openMetrics(file),
    probes: openProbes(file, contents),
    checkpoints: openCheckpoints(file, clock),
    documents: openDocuments(file, clock),
    results: openResults(file, { contents, clock }),
    jobs: openJobs(file, { contents, clock }),
    bin: openBin(file, clock),
  }
}

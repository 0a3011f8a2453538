/** `tandem train` and `tandem resume` in a project: the run, its chart and its checkpoints are kept there. */
import type { DataSetRecord, Id, JobEnding, MetricPoint, Progress, RunRecord } from '../../../domain/records.ts'
import type { Studio } from '../../../studio/host/studio.ts'
import { lengthOf } from '../options.ts'
import { exitCodes, quoted, type Terminal } from '../terminal.ts'
import { lengthReached, recipeLine, stepLine, stepsIn } from '../trainingLines.ts'
import { recipeOrder, type ResumeOptions, type TrainOptions } from '../trainOptions.ts'
import { computingWith } from './computing.ts'
import { failureOf, followJob, on, untilEngine } from './jobs.ts'
import { assertAtMost, most } from './limits.ts'
import { findDataSet, findOnlyRun, findRun, freeName } from './names.ts'
import { withProject } from './session.ts'

type InProject<T> = T & { readonly project: string }

/** @param name of a data set */
export async function trainOnDataSet(
  name: string,
  options: InProject<TrainOptions>,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<void> {
  const { project } = options
  await withProject(project, { terminal, spawn: computingWith(options) }, async (studio) => {
    assertAtMost('--seed', options.seed, most.seed)
    const data = await findDataSet(studio, name)
    const order = { ...recipeOrder(options), dataSetId: data.id }
    // What does not go together is refused before an engine is opened.
    const { recipe } = await studio.ask('recipe:compose', order)
    await introduce({ studio, terminal, signal }, recipe, data)
    const runs = await studio.ask('runs:list', {})
    const { jobId, runId } = await studio.ask('training:start', order)
    const run = await studio.ask('run:get', { runId })
    const own = freeName(runs, run.name)
    if (own !== run.name) await studio.ask('run:rename', { runId, name: own })
    await watchTraining({ studio, terminal, signal }, project, runId, jobId)
  })
}

/** @param name of a run; needless where there is only one */
export async function resumeRun(
  name: string | undefined,
  options: InProject<ResumeOptions>,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<void> {
  const { project } = options
  await withProject(project, { terminal, spawn: computingWith(options) }, async (studio) => {
    const run = name === undefined ? await findOnlyRun(studio) : await findRun(studio, name)
    const length = lengthOf(options)
    const data = (await studio.ask('data:list', {})).find(({ id }) => id === run.dataSetId)
    await introduce({ studio, terminal, signal }, run.recipe, data)
    if (run.progress >= 1 && length === undefined) terminal.say(lengthReached)
    const { jobId } = await studio.ask('training:resume', { runId: run.id, length })
    await watchTraining({ studio, terminal, signal }, project, run.id, jobId)
  })
}

interface Watching {
  readonly studio: Studio
  readonly terminal: Terminal
  readonly signal: AbortSignal
}

async function introduce(
  { studio, terminal, signal }: Watching,
  recipe: RunRecord['recipe'],
  data: DataSetRecord | undefined,
): Promise<void> {
  if (data) terminal.say(data.description)
  if (data && data.count.problems > 0) terminal.say(`Files left out: ${data.count.problems}.`)
  const { engine, detail } = await untilEngine(studio, signal)
  terminal.say(recipeLine(recipe, engine, detail))
}

/** Until its end, also where the computing process dies in between and the training goes on by itself. */
async function watchTraining(watching: Watching, project: string, runId: Id, first: Id): Promise<void> {
  const { studio, terminal, signal } = watching
  const deafen = narrate(watching, runId)
  let jobId: Id | undefined = first
  let ending: JobEnding | undefined
  try {
    while (jobId !== undefined) {
      ending = await followJob(studio, jobId, { signal, stop: 'training:pause' })
      jobId = isInterrupted(ending) ? await findTraining(studio, runId) : undefined
    }
  } finally {
    deafen()
  }
  if (ending?.kind === 'failed') throw failureOf(ending)
  const { name, step, elapsedMs } = await studio.ask('run:get', { runId })
  const kind = ending?.kind === 'finished' ? 'finished' : 'cancelled'
  const spent = stepsIn(step, elapsedMs)
  const kept = `in ${project} as “${name}”`
  const text =
    kind === 'finished'
      ? `Finished: ${spent}. Saved ${kept}.`
      : `Stopped after ${spent}. Saved ${kept}; go on with: npx tandem resume "${name}" --project ${quoted(project)}`
  terminal.result(text, { kind, project, run: name, runId, step, elapsedMs })
  process.exitCode = kind === 'finished' ? exitCodes.done : exitCodes.cancelled
}

/** Turns the news of a run into lines. @returns stops */
function narrate({ studio, terminal }: Watching, runId: Id): () => void {
  let measured: MetricPoint | undefined
  const tell = ({ done, total, elapsedMs, remaining }: Progress) => {
    if (measured === undefined || total === 0) return
    const range = remaining === null ? undefined : { low: remaining.lowMs, high: remaining.highMs }
    terminal.progress(stepLine({ step: measured.step, measured, progress: done / total, elapsedMs, remaining: range }))
  }
  const deafen = [
    on(studio, 'run:measured', (news) => {
      if (news.runId === runId) measured = news.points.at(-1) ?? measured
    }),
    on(studio, 'job:changed', ({ job }) => {
      if (job.runId === runId && job.state.kind === 'running') tell(job.progress)
    }),
    on(studio, 'run:noted', (news) => {
      // How it ended is told by the command itself.
      if (news.runId === runId && news.note.kind !== 'ended') terminal.say(news.note.message)
    }),
  ]
  return () => deafen.forEach((each) => each())
}

function isInterrupted(ending: JobEnding): boolean {
  return ending.kind === 'failed' && ending.code === 'interrupted'
}

/** The training that took the place of one that was interrupted. */
async function findTraining(studio: Studio, runId: Id): Promise<Id | undefined> {
  const jobs = await studio.ask('jobs:list', {})
  return jobs.find((job) => job.kind === 'train' && job.runId === runId && job.state.kind !== 'ended')?.id
}

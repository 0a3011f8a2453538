/** A person at work: draws without a pause, keeps pictures, and trains. It is killed at any instant, so it tells at once what was acknowledged. */
import type { RequestInput, RequestName, RequestOutput } from '../../core/contract/requests.ts'
import type { Picture } from '../../core/domain/picture.ts'
import { forkCompute } from '../../core/hosts/forkCompute.ts'
import { createStudio } from '../../core/studio/host/createStudio.ts'
import type { Studio } from '../../core/studio/host/studio.ts'
import type { Acknowledged, Begin } from './words.ts'
import { join } from 'node:path'

const tell = (told: Acknowledged) => process.send?.(told)

process.once('message', (begin: Begin) => {
  act(begin).catch((error: unknown) => {
    tell({ kind: 'broken', message: error instanceof Error ? (error.stack ?? error.message) : String(error) })
    process.exit(1)
  })
})
process.once('disconnect', () => process.exit(0))

async function act({ home, project }: Begin): Promise<void> {
  let computePid = 0
  const studio = await createStudio({
    host: 'command-line',
    dataFolder: join(home, 'data'),
    projectsFolder: home,
    spawn() {
      const port = forkCompute()
      computePid = port.pid ?? 0
      tell({ kind: 'computing', computePid })
      return port
    },
  })
  studio.listen((name, payload) => {
    if (name === 'checkpoint:saved' && 'checkpoint' in payload)
      tell({ kind: 'checkpoint', checkpointId: payload.checkpoint.id, step: payload.checkpoint.step })
    if (name === 'run:measured' && 'points' in payload) tell({ kind: 'step', step: payload.points.at(-1)?.step ?? 0 })
    if (name === 'studio:noted' && 'message' in payload) tell({ kind: 'noted', message: payload.message })
    if (name === 'job:changed' && 'job' in payload && payload.job.state.kind === 'ended')
      tell({ kind: 'noted', message: `${payload.job.title}: ${JSON.stringify(payload.job.state.ending)}` })
  })
  await studio.openProjectAt(project)
  const [run] = await studio.ask('runs:list', {})
  const oldest = (await studio.ask('run:checkpoints', { runId: run.id })).at(-1)
  if (oldest === undefined) throw new Error('there is no checkpoint')
  await studio.ask('training:resume', { runId: run.id, length: { steps: 100_000_000 } })
  tell({ kind: 'ready', computePid, resumedFrom: run.step })
  await Promise.all([draw(studio), keep(studio, oldest.id), saveOften(studio)])
}

/** Stroke n stands at place n - 1, so that a gap shows. */
async function draw(studio: Studio): Promise<never> {
  const ask = asker(studio)
  const [document] = await ask('documents:list', {})
  for (let position = document.length; ; position++) {
    const serial = position + 1
    const points = Array.from({ length: 60 }, (_, i) => [i, (i * serial) % 97, 0.5])
    await ask('document:append', { documentId: document.id, position, entries: [{ kind: 'stroke', serial, points }] })
    tell({ kind: 'stroke', serial })
    await turn()
  }
}

/** A kept result holds its checkpoint for ever, so all are drawn with one. */
async function keep(studio: Studio, checkpointId: string): Promise<never> {
  const ask = asker(studio)
  for (let seed = 1; ; seed++) {
    const picture: Picture = { width: 28, height: 28, channels: 1, data: new Uint8Array(784).fill((seed * 37) % 256) }
    const kept = await ask('result:keep', {
      ...{ title: `Result ${seed}`, picture, source: { kind: 'checkpoint', checkpointId } as const, seed, steps: 0 },
      condition: { kind: 'labels', weights: [1, 0] },
    })
    tell({ kind: 'result', resultId: kept.id, picture: kept.picture })
    // Pictures are kept now and then, strokes all the time.
    for (let wait = 0; wait < 20; wait++) await turn()
  }
}

/** Far more often than the training does by itself, so that kills fall into saves. */
async function saveOften(studio: Studio): Promise<never> {
  const ask = asker(studio)
  for (;;) {
    for (const { id, kind, state } of await ask('jobs:list', {}))
      // It may end between the look and the wish.
      if (kind === 'train' && state.kind === 'running')
        await ask('training:checkpoint', { jobId: id }).catch(() => null)
    for (let wait = 0; wait < 100; wait++) await turn()
  }
}

/** A page's requests come one by one from outside; a loop of our own must let the others have their turn. */
function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 2))
}

function asker(studio: Studio) {
  return <N extends RequestName>(name: N, input: RequestInput<N>): Promise<RequestOutput<N>> => studio.ask(name, input)
}

/** A project with pictures of two classes, an empty sketch, and a small training that has begun. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { forkCompute } from '../../core/hosts/forkCompute.ts'
import { createStudio } from '../../core/studio/host/createStudio.ts'
import type { Studio } from '../../core/studio/host/studio.ts'
import { drawPictures } from '../pictures.ts'

const SIDE = 28

export async function prepareProject(home: string, project: string): Promise<void> {
  const pictures = join(home, 'pictures')
  for (const { path, bytes } of await drawPictures(60, SIDE)) {
    mkdirSync(dirname(join(pictures, path)), { recursive: true })
    writeFileSync(join(pictures, path), new Uint8Array(bytes))
  }
  const studio = await createStudio({
    host: 'command-line',
    dataFolder: join(home, 'data'),
    projectsFolder: home,
    spawn: () => forkCompute(),
  })
  try {
    await studio.createProjectAt(project)
    await studio.ask('document:create', { kind: 'sketch', name: 'Sketch', width: SIDE, height: SIDE })
    await studio.ask('engine:choose', { engine: 'wasm', threads: 1 })
    const uploadId = await studio.takeLocalFiles(pictures, 'data')
    const imported = await studio.ask('data:import', { uploadId, name: 'Bars', layout: 'auto', keeping: 'inside' })
    await untilEnded(studio, imported.jobId)
    const [{ id: dataSetId }] = await studio.ask('data:list', {})
    const { jobId } = await studio.ask('training:start', {
      ...{ dataSetId, recipe: 'quick', seed: 1, length: { steps: 2 } },
      // Learning so slowly cannot diverge, and a roll-back would take acknowledged steps back, rightly.
      set: ['learning.batch=8', 'chain.steps=2', 'learning.prelude.share=0', 'learning.solverRate=0.000001'],
    })
    await untilEnded(studio, jobId)
  } finally {
    await studio.close()
  }
}

async function untilEnded(studio: Studio, jobId: string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<undefined>()
  const look = (job: { id: string; state: { kind: string; ending?: { kind: string; message?: string } } }) => {
    if (job.id !== jobId || job.state.kind !== 'ended') return
    if (job.state.ending?.kind === 'finished') resolve(undefined)
    else reject(new Error(`the job ended as ${job.state.ending?.kind}: ${job.state.ending?.message}`))
  }
  const deafen = studio.listen((name, payload) => {
    if (name === 'job:changed' && 'job' in payload) look(payload.job)
  })
  look(await studio.ask('job:get', { jobId }))
  await promise
  deafen()
}

import { afterAll, describe, expect, it } from 'vitest'
import { openEngine } from '../../../compute/engine.ts'
import { countTensors } from '../../../compute/testing.ts'
import { CancelledError } from '../../../domain/errors.ts'
import type { EvaluationReport } from '../../evaluate.ts'
import { figuresOf, runEvaluation } from './evaluate.ts'
import { runTraining } from './train.ts'
import { addPictures, createTinyProject, listen, orderOf, turnOf } from './trainTesting.ts'

const engine = await openEngine({ engine: 'wasm', threads: 1 })
afterAll(() => engine.close())

async function createTrained() {
  const { store, run, dataSetId } = await createTinyProject('picture')
  const { context, told } = listen({ engine, store })
  await runTraining(orderOf(store, run.id), context, turnOf())
  return { store, context, told, dataSetId, source: { kind: 'run', runId: run.id } as const }
}

describe('runEvaluation', () => {
  it('measures the best weights of a run on held-out pictures, with a sheet that stays', async () => {
    const { store, context, told, dataSetId, source } = await createTrained()
    const before = countTensors()
    const outcome = await runEvaluation({ kind: 'evaluate', source, dataSetId }, context, turnOf())
    expect(countTensors()).toBe(before)
    if (outcome?.kind !== 'evaluated') throw new Error('no report')
    const { report, sheet } = outcome
    expect(report).toMatchObject({ task: 'picture', pictures: 16 })
    expect(report.features).toContain('PSNR (dB): Pixels of the whole picture')
    expect(report.features).toContain('chosen on 16 of these pictures')
    expect(report.figures[0]).toEqual({
      name: 'PSNR (dB)',
      initial: expect.any(Number),
      refined: expect.any(Number),
      floor: expect.any(Number),
      better: 'higher',
    })
    await store.contents.sweep({ pause: () => Promise.resolve() })
    expect(Buffer.from(store.contents.get(sheet, 'The sheet')).toString('latin1', 1, 4)).toBe('PNG')
    expect(told('progressed').at(-1)?.progress).toMatchObject({ done: 100, total: 100, unit: 'percent' })
  })

  it('ends when it is cancelled, and leaves no tensors', async () => {
    const { context, dataSetId, source } = await createTrained()
    const before = countTensors()
    const turn = turnOf((pause) => (pause === 3 ? 'cancel' : undefined))
    await expect(runEvaluation({ kind: 'evaluate', source, dataSetId }, context, turn)).rejects.toThrow(CancelledError)
    expect(countTensors()).toBe(before)
  })

  it('is refused for a run without a checkpoint, and on pictures without what the model needs', async () => {
    const { store, run, dataSetId } = await createTinyProject('picture')
    const source = { kind: 'run', runId: run.id } as const
    const { context } = listen({ engine, store })
    const evaluate = (id: string) => runEvaluation({ kind: 'evaluate', source, dataSetId: id }, context, turnOf())
    await expect(evaluate(dataSetId)).rejects.toMatchObject({ code: 'not-found' })
    await runTraining(orderOf(store, run.id), context, turnOf())
    await expect(evaluate(await addPictures(store, 'class'))).rejects.toMatchObject({ code: 'mismatch' })
  })
})

describe('figuresOf', () => {
  it('gives numbers that shall be near to real ones as their distance from them', () => {
    const report: EvaluationReport = {
      ...{ version: 1, task: 'class', recipe: 'quick', size: 28, channels: 1, steps: 8, seed: 0 },
      counts: { samples: 20, heldOut: 10, training: 20 },
      measures: [
        {
          name: 'frechetDistance',
          title: 'Frechet distance',
          better: 'lower',
          basis: 'Of features.',
          values: { initial: 9, refined: 7, training: 1, observed: 0 },
        },
        {
          name: 'inceptionScore',
          title: 'Inception score',
          better: 'real',
          basis: 'Of classes.',
          values: { initial: 2, refined: null, training: 9.5, observed: 9 },
        },
      ],
    }
    const { features, figures } = figuresOf(report)
    expect(features).toBe('Frechet distance: Of features.')
    expect(figures).toEqual([
      { name: 'Frechet distance', initial: 9, refined: 7, floor: 1, better: 'lower' },
      { name: 'Inception score, distance from observed', initial: 7, refined: null, floor: 0.5, better: 'lower' },
    ])
  })
})

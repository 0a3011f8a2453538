/** Drawing through the port, on a real engine with models that have learnt nothing. */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { engineUnderTest } from '../../../compute/engineUnderTest.ts'
import { countTensors } from '../../../compute/testing.ts'
import type { Work } from '../../../contract/computeProtocol.ts'
import type { DrawCondition, DrawSource, RefineOrder } from '../../../contract/drawOrders.ts'
import { encodePng } from '../../../data/pictureFile.ts'
import type { Picture } from '../../../domain/picture.ts'
import type { Provenance } from '../../../domain/records.ts'
import type { ProjectStore } from '../../../storage/project/store.ts'
import { createProvenance } from '../../../storage/project/testing.ts'
import { temporaryFolder } from '../../testing.ts'
import { addModel, createProject, type DrawTask, noise, TestHost } from './drawTesting.ts'

const engine = await engineUnderTest()

const SIDE = { class: 8, picture: 8, inpaint: 32 } as const
const STEPS = 4
const labels: DrawCondition = { kind: 'labels', weights: [0, 1, 0] }
const sketch: DrawCondition = { kind: 'picture', picture: noise(8, 8, 3, 1) }
const masked: DrawCondition = { kind: 'masked', observed: noise(32, 32, 3, 2), mask: spot(32, 32, 1) }
const conditions = { class: labels, picture: sketch, inpaint: masked }

/** A mask with a hidden square in its middle. */
function spot(width: number, height: number, channels: 1 | 3): Picture {
  const isHidden = (pixel: number) =>
    Math.abs((pixel % width) - width / 2) < 4 && Math.abs(Math.floor(pixel / width) - height / 2) < 4
  const data = Uint8Array.from({ length: width * height * channels }, (_, at) =>
    isHidden(Math.floor(at / channels)) ? 1 : 0,
  )
  return { width, height, channels, data }
}

describe.runIf(engine)(`drawing on ${engine?.kind}`, () => {
  if (!engine) return
  const folder = temporaryFolder()
  const path = join(folder, 'Drawing.tandem')
  let store: ProjectStore
  let sources: Record<DrawTask, DrawSource & { readonly kind: 'checkpoint' }>
  let host: TestHost
  beforeAll(async () => {
    store = createProject(path)
    const sourceOf = async (task: DrawTask) =>
      ({ kind: 'checkpoint', checkpointId: (await addModel(store, task)).checkpoint.id }) as const
    sources = { class: await sourceOf('class'), picture: await sourceOf('picture'), inpaint: await sourceOf('inpaint') }
  })
  beforeEach(() => {
    host = new TestHost(engine)
    host.open(store)
  })
  afterEach(async () => {
    host.say({ kind: 'leave' })
    while (!host.left) await new Promise(setImmediate)
    // The store's own models are gone, and nothing else was left behind.
    expect(countTensors()).toBe(0)
  })
  afterAll(() => {
    store.file.close()
    rmSync(folder, { recursive: true })
    engine.close()
  })

  const refine = (task: DrawTask, more: Partial<RefineOrder> = {}): Extract<Work, { kind: 'refine' }> => ({
    kind: 'refine',
    order: { source: sources[task], condition: conditions[task], seed: 7, ...more },
  })
  const finished = { kind: 'finished', outcome: { kind: 'drawn' } }

  it.each(['class', 'picture', 'inpaint'] as const)('refines under the eyes of the host: %s', async (task) => {
    const { ending, pictures } = await host.run(refine(task))
    expect(ending).toEqual(finished)
    expect(pictures.map(({ step }) => step)).toEqual([0, 1, 2, 3, 4])
    expect(pictures.map(({ gain }) => typeof gain)).toEqual(['object', 'object', 'object', 'object', 'number'])
    for (const { steps, picture, index } of pictures)
      expect({ steps, index, width: picture.width }).toEqual({ steps: STEPS, index: 0, width: SIDE[task] })
    const preview = await host.run({
      kind: 'preview',
      order: { source: sources[task], condition: conditions[task], seed: 7 },
    })
    // Its step is that of the checkpoint.
    const { picture } = pictures[0]
    expect(preview.pictures).toMatchObject([{ step: 1, picture }])
    expect(host.of('progressed').at(-1)?.progress).toMatchObject({ done: STEPS, total: STEPS, unit: 'steps' })
  })

  it.each([
    ['class', true],
    ['picture', false],
    ['inpaint', true],
  ] as const)('goes on where it was, to the byte: %s, noise %s', async (task, noise) => {
    const whole = await host.run(refine(task, { steps: 8, noise }))
    const half = await host.run(refine(task, { steps: 4, noise }))
    const from = { step: 4, picture: half.pictures[4].picture }
    const more = await host.run(refine(task, { steps: 4, noise, from }))
    expect(more.pictures).toEqual(whole.pictures.slice(5).map((each) => ({ ...each, jobId: more.jobId })))
    // The same from any other step of the timeline.
    const branch = await host.run(
      refine(task, { steps: 6, noise, from: { step: 2, picture: whole.pictures[2].picture } }),
    )
    expect(branch.pictures.at(-1)?.picture).toEqual(whole.pictures[8].picture)
  })

  it('draws every condition with every seed, each as if it were alone', async () => {
    const latent = [1, -1, 0.5, 0, 2, 1]
    const styled: DrawCondition = { kind: 'labels', weights: [0.5, 0.5, 0], latent }
    const order = { source: sources.class, conditions: [labels, styled], seeds: [7, 8], noise: true }
    const { ending, pictures } = await host.run({ kind: 'sample', order })
    expect(ending).toEqual(finished)
    expect(pictures.map(({ index }) => index)).toEqual([0, 1, 2, 3])
    for (const [index, { picture, initial, gain }] of pictures.entries()) {
      const [condition, seed] = [[labels, styled][Math.floor(index / 2)], [7, 8][index % 2]]
      const alone = await host.run(refine('class', { condition, seed, noise: true }))
      expect(picture).toEqual(alone.pictures[4].picture)
      expect(initial).toEqual(alone.pictures[0].picture)
      expect(gain).toBe(alone.pictures[4].gain)
    }
    expect(host.of('progressed').some(({ progress }) => progress.unit === 'pictures' && progress.done === 4)).toBe(true)
  })

  it('goes from one sketch to another', async () => {
    const to = noise(8, 8, 3, 5)
    const order = { source: sources.picture, from: noise(8, 8, 3, 1), to, shares: [0, 0.5, 1], seed: 7 }
    const { pictures } = await host.run({ kind: 'interpolate', order })
    expect(pictures.map(({ index }) => index)).toEqual([0, 1, 2])
    const end = await host.run(refine('picture', { condition: { kind: 'picture', picture: to } }))
    expect(pictures[2].initial).toEqual(end.pictures[0].picture)
    expect(pictures[1].picture).not.toEqual(pictures[2].picture)
  })

  it('borrows a style', async () => {
    const order = { source: sources.class, picture: noise(30, 20, 3, 1), seed: 3, steps: 3 }
    const known = await host.run({ kind: 'infer', order: { ...order, label: [0, 1, 0] } })
    expect(known.ending).toMatchObject({ outcome: { kind: 'inferred', weights: [0, 1, 0] } })
    const { ending } = await host.run({ kind: 'infer', order })
    if (ending.kind !== 'finished' || ending.outcome?.kind !== 'inferred') throw new Error('not inferred')
    expect(ending.outcome.latent).toHaveLength(6)
    expect(ending.outcome.weights.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1)
  })

  it('brings pictures of other sizes to the model’s, and touches what is hidden alone', async () => {
    const grey: DrawCondition = { kind: 'picture', picture: noise(50, 30, 1, 1) }
    expect((await host.run(refine('picture', { condition: grey }))).ending).toEqual(finished)
    const wide: DrawCondition = { kind: 'masked', observed: noise(64, 48, 3, 4), mask: spot(64, 48, 3) }
    expect((await host.run(refine('inpaint', { condition: wide }))).ending).toEqual(finished)

    const { pictures } = await host.run(refine('inpaint', { noise: true }))
    const { observed, mask } = masked as Extract<DrawCondition, { kind: 'masked' }>
    for (const { picture } of pictures) {
      const changed = picture.data.findIndex(
        (byte, at) => mask.data[Math.floor(at / 3)] === 0 && byte !== observed.data[at],
      )
      expect(changed).toBe(-1)
    }
    expect(pictures[4].picture).not.toEqual(observed)
  })

  const refusals: readonly (readonly [string, () => Work, string, string])[] = [
    [
      'another task',
      () => refine('class', { condition: sketch }),
      'misuse',
      '“A class run” is a model for the class task',
    ],
    ['guidance that was not learnt', () => refine('class', { guidance: 2 }), 'misuse', 'without label dropout'],
    ['too many steps', () => refine('class', { steps: 9 }), 'misuse', '9 steps are more than twice the 4'],
    [
      'too many steps in all',
      () => refine('class', { steps: 4, from: { step: 5, picture: noise(8, 8, 1, 1) } }),
      'misuse',
      '9 steps are more than twice the 4',
    ],
    [
      'to go on from a picture of another size',
      () => refine('class', { from: { step: 4, picture: noise(9, 8, 1, 1) } }),
      'mismatch',
      'is 9 x 8, and the model draws 8 x 8',
    ],
    [
      'shares of other labels',
      () => refine('class', { condition: { kind: 'labels', weights: [1] } }),
      'misuse',
      'has 3 labels, but the shares of 1 were given',
    ],
    [
      'a latent of another length',
      () => refine('class', { condition: { ...labels, latent: [1] } as DrawCondition }),
      'misuse',
      'A latent of 1 numbers does not fit',
    ],
    [
      'a mask of another size',
      () => refine('inpaint', { condition: { ...masked, mask: spot(31, 32, 1) } as DrawCondition }),
      'mismatch',
      'The mask is 31 x 32 and the picture 32 x 32',
    ],
    [
      'a mask that hides nothing',
      () =>
        refine('inpaint', {
          condition: { ...masked, mask: { ...spot(32, 32, 1), data: new Uint8Array(1024) } } as DrawCondition,
        }),
      'bad-input',
      'hides nothing',
    ],
    [
      'a checkpoint that is gone',
      () => refine('class', { source: { kind: 'checkpoint', checkpointId: crypto.randomUUID() } }),
      'not-found',
      'checkpoint is not in the project',
    ],
    [
      'interpolation of labels',
      () => ({
        kind: 'interpolate',
        order: { source: sources.class, from: noise(8, 8, 3, 1), to: noise(8, 8, 3, 2), shares: [0], seed: 1 },
      }),
      'misuse',
      'needs one for the picture task',
    ],
    [
      'a style of a sketch model',
      () => ({ kind: 'infer', order: { source: sources.picture, picture: noise(8, 8, 3, 1), seed: 1 } }),
      'misuse',
      'needs one for the class task',
    ],
  ]
  it.each(refusals)('refuses %s', async (_, work, code, sentence) => {
    const { ending, pictures } = await host.run(work())
    expect(ending).toMatchObject({ kind: 'failed', code, message: expect.stringContaining(sentence) })
    expect(pictures).toEqual([])
  })

  it('takes more steps, and steps of no length, where it was asked to', async () => {
    const beyond = await host.run(refine('class', { steps: 9, beyond: true }))
    expect(beyond.pictures).toHaveLength(10)
    const none = await host.run(refine('class', { steps: 0 }))
    expect(none.pictures.map(({ step, steps, gain }) => ({ step, steps, gain }))).toEqual([
      { step: 0, steps: 0, gain: 0 },
    ])
    expect(none.pictures[0].picture).toEqual(beyond.pictures[0].picture)
  })

  it('leaves pictures out when the host is behind, never the last', async () => {
    host.behind = true
    const { pictures } = await host.run(refine('class', { steps: 8 }))
    expect(pictures.map(({ step }) => step)).toEqual([8])
  })

  it('answers a preview in the middle of a refinement, which then goes on as if nothing had been', async () => {
    const undisturbed = await host.run(refine('class', { steps: 8, noise: true }))
    const jobId = host.start(refine('class', { steps: 8, noise: true }))
    await host.heard('pictured', (message) => message.jobId === jobId && message.step === 2)
    const preview = await host.run({ kind: 'preview', order: { source: sources.picture, condition: sketch, seed: 1 } })
    expect(preview.ending).toEqual(finished)
    expect(host.pictures(jobId).length).toBeLessThan(6)
    expect(await host.endingOf(jobId)).toEqual(finished)
    expect(host.pictures(jobId).at(-1)?.picture).toEqual(undisturbed.pictures.at(-1)?.picture)
  })

  it('stops a refinement by its id within a step, and leaves nothing on the engine', async () => {
    await host.run(refine('class'))
    const before = countTensors()
    const jobId = host.start(refine('class', { steps: 4000, beyond: true }))
    await host.heard('pictured', (message) => message.jobId === jobId && message.step === 2)
    host.say({ kind: 'cancel', jobId })
    expect(await host.endingOf(jobId)).toEqual({ kind: 'cancelled' })
    expect(host.pictures(jobId).length).toBeLessThan(8)
    expect(countTensors()).toBe(before)
  })

  it('ends everything once and leaves nothing on the engine, wherever it is stopped', async () => {
    const order = { source: sources.class, condition: labels, seed: 7 }
    const works: readonly Work[] = [
      refine('class', { noise: true }),
      refine('picture', { from: { step: 1, picture: noise(8, 8, 3, 1) } }),
      refine('class', { guidance: 1 }),
      { kind: 'preview', order },
      { kind: 'sample', order: { source: sources.picture, conditions: [sketch], seeds: [1, 2] } },
      { kind: 'infer', order: { source: sources.class, picture: noise(8, 8, 1, 1), seed: 1, steps: 3 } },
    ]
    for (const work of works) await host.run(work)
    const before = countTensors()
    // Which work, and after how many turns of the event loop it is stopped; null is never.
    const started = fc.record({ which: fc.nat(works.length - 1), stop: fc.option(fc.nat(12)) })
    await fc.assert(
      fc.asyncProperty(fc.array(started, { minLength: 1, maxLength: 5 }), async (sequence) => {
        const jobs = sequence.map(({ which, stop }) => ({ jobId: host.start(works[which]), stop }))
        for (let turn = 0; turn <= 12; turn++) {
          for (const { jobId, stop } of jobs) if (stop === turn) host.say({ kind: 'cancel', jobId })
          await new Promise(setImmediate)
        }
        for (const { jobId } of jobs) await host.endingOf(jobId)
        await new Promise(setImmediate)
        for (const { jobId } of jobs) expect(host.of('ended').filter((each) => each.jobId === jobId)).toHaveLength(1)
        expect(countTensors()).toBe(before)
      }),
      { numRuns: 25 },
    )
  })

  describe('a kept result', () => {
    async function keep(task: DrawTask, changes: Partial<Provenance> = {}, title = `A ${task} result`) {
      const condition = conditions[task]
      const drawn = await host.run(refine(task, { steps: 5, noise: true }))
      const picture = drawn.pictures.at(-1)?.picture
      if (picture === undefined) throw new Error('nothing drawn')
      const put = async (each: Picture) => store.contents.put(await encodePng(each), 'picture')
      const white = (mask: Picture): Picture => ({ ...mask, data: mask.data.map((value) => value * 255) })
      const provenance = createProvenance({
        task,
        checkpointId: sources[task].checkpointId,
        seed: 7,
        langevinSteps: 5,
        noise: true,
        guidance: null,
        labels: condition.kind === 'labels' ? condition.weights : null,
        condition:
          condition.kind === 'labels'
            ? null
            : await put(condition.kind === 'picture' ? condition.picture : condition.observed),
        mask: condition.kind === 'masked' ? await put(white(condition.mask)) : null,
        ...changes,
      })
      const { width, height } = picture
      const { id } = store.results.insert({
        title,
        picture: await put(picture),
        initial: null,
        width,
        height,
        provenance,
      })
      return { resultId: id, picture }
    }

    it.each(['class', 'picture', 'inpaint'] as const)('is drawn again to the byte: %s', async (task) => {
      const { resultId, picture } = await keep(task)
      const { ending } = await host.run({ kind: 'reproduce', resultId })
      expect(ending).toEqual({
        kind: 'finished',
        outcome: { kind: 'reproduced', equal: true, differentBytes: 0, picture },
      })
    })

    it('tells how many bytes differ', async () => {
      const { resultId } = await keep('class', { seed: 8 })
      const { ending } = await host.run({ kind: 'reproduce', resultId })
      if (ending.kind !== 'finished' || ending.outcome?.kind !== 'reproduced') throw new Error('not reproduced')
      expect(ending.outcome.equal).toBe(false)
      expect(ending.outcome.differentBytes).toBeGreaterThan(10)
    })

    it.each<[string, Partial<Provenance>, string, string]>([
      ['its checkpoint is gone', { checkpointId: crypto.randomUUID() }, 'not-found', 'The checkpoint that drew “kept”'],
      ['its labels were not kept', { labels: null }, 'bad-input', 'What “kept” was drawn from was not kept'],
    ])('is not drawn again when %s', async (_, changes, code, sentence) => {
      const { resultId } = await keep('class', changes, 'kept')
      const { ending } = await host.run({ kind: 'reproduce', resultId })
      expect(ending).toMatchObject({ code, message: expect.stringContaining(sentence) })
    })
  })
})

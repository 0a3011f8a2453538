import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { createBench, createOpenBench, makePicture, makePreview, makeTraining, type Bench } from './testing.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const superseded = { kind: 'superseded' }

/** What is in the process is drawn. */
function draw({ process }: Bench, value: number): void {
  const jobId = process.given[process.given.length - 1]
  const about = { index: 0, step: 9, steps: 0, initial: null, gain: null }
  process.say({ kind: 'pictured', jobId, ...about, picture: makePicture(value) })
  process.end(jobId, { kind: 'finished', outcome: { kind: 'drawn' } })
}
const seeds = ({ process }: Bench) =>
  process.sentOf('start').map(({ work }) => (work.kind === 'preview' ? work.order.seed : work.kind))

it('draws, without a job that anybody would see', async () => {
  const bench = await createOpenBench()
  const preview = bench.queue.preview(makePreview())
  draw(bench, 7)
  expect(await preview).toEqual({ kind: 'drawn', picture: makePicture(7), step: 9 })
  expect(bench.queue.list()).toEqual([])
  expect(bench.heard('job:changed')).toEqual([])
  expect(bench.heard('picture:refined')).toEqual([])
})

it('has one in the process and one that waits: the newest', async () => {
  const bench = await createOpenBench()
  const previews = [1, 2, 3, 4].map((seed) => bench.queue.preview(makePreview(seed)))
  expect(seeds(bench)).toEqual([1])
  draw(bench, 1)
  expect(seeds(bench)).toEqual([1, 4])
  draw(bench, 4)
  const answers = await Promise.all(previews)
  expect(answers.map(({ kind }) => kind)).toEqual(['drawn', 'superseded', 'superseded', 'drawn'])
  expect(answers[3]).toMatchObject({ picture: makePicture(4) })
})

it('is given to the process while a training is there', async () => {
  const bench = await createOpenBench()
  bench.queue.start(makeTraining())
  void bench.queue.preview(makePreview(5))
  expect(seeds(bench)).toEqual(['train', 5])
})

it('waits for a process that is not ready', async () => {
  const bench = await createBench()
  const preview = bench.queue.preview(makePreview())
  bench.process.open()
  draw(bench, 3)
  expect(await preview).toMatchObject({ kind: 'drawn' })
})

it('is superseded where the process ended it in favour of another', async () => {
  const bench = await createOpenBench()
  const preview = bench.queue.preview(makePreview())
  bench.process.end(bench.process.given[0], { kind: 'cancelled' })
  expect(await preview).toEqual(superseded)
})

it.each([
  ['not-found', { code: 'not-found', message: 'There is no such run.', hint: 'Train one.' }],
  ['internal', { message: 'internal: Oh.' }],
] as const)('fails as the process says: %s', async (code, expected) => {
  const bench = await createOpenBench()
  const preview = bench.queue.preview(makePreview())
  const message = code === 'internal' ? 'Oh.' : 'There is no such run.'
  bench.process.end(bench.process.given[0], { kind: 'failed', code, message, hint: 'Train one.' })
  await expect(preview).rejects.toMatchObject(expected)
})

it('fails that is finished without a picture', async () => {
  const bench = await createOpenBench()
  const preview = bench.queue.preview(makePreview())
  bench.process.end(bench.process.given[0])
  await expect(preview).rejects.toThrow('without a picture')
})

it('is sent once more when the process dies, and not a third time', async () => {
  const bench = await createOpenBench()
  const preview = bench.queue.preview(makePreview())
  const refused = expect(preview).rejects.toMatchObject({ code: 'engine-unavailable' })
  for (let death = 0; death < 2; death++) {
    bench.process.die()
    vi.advanceTimersByTime(1000)
    bench.process.open()
  }
  expect(bench.processes.map(({ given }) => given.length)).toEqual([1, 1, 0])
  await refused
})

it('is not sent once more where a newer one waits', async () => {
  const bench = await createOpenBench()
  const [older, newer] = [bench.queue.preview(makePreview(1)), bench.queue.preview(makePreview(2))]
  bench.process.die()
  vi.advanceTimersByTime(0)
  bench.process.open()
  expect(seeds(bench)).toEqual([2])
  draw(bench, 2)
  expect(await older).toEqual(superseded)
  expect(await newer).toMatchObject({ kind: 'drawn' })
})

it('fails where there is no engine, whether it waits or comes later', async () => {
  const bench = await createBench()
  const waiting = bench.queue.preview(makePreview())
  bench.process.say({ kind: 'refused', message: 'No engine.', hint: null })
  await expect(waiting).rejects.toThrow('No engine.')
  await expect(bench.queue.preview(makePreview())).rejects.toThrow('No engine.')
})

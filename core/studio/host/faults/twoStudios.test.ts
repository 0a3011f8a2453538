/** Two programs and one project. Here both are in one process; core/hosts/faults kills and stops real ones. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { computeHere } from './computeHere.ts'
import { lookInto, makeFolder, makeTraining, silenceHolder, watchStudio } from './testing.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] }))
afterEach(() => void vi.useRealTimers())

const sketch = { kind: 'sketch', name: 'A', width: 9, height: 9 } as const
const locked = {
  code: 'storage-failed',
  message: expect.stringMatching(/^Pots\.tandem is open in Tandem Studio on this computer since /) as string,
  hint: 'Close it there, or open it here to look only.',
}

it('the second one is refused by name, may look, and sees what is drawn', async () => {
  const { path } = await makeTraining(makeFolder())
  const [first, second] = [await watchStudio(computeHere), await watchStudio(computeHere)]
  await first.studio.openProjectAt(path)
  const { id: documentId } = await first.studio.ask('document:create', sketch)
  await expect(second.studio.openProjectAt(path)).rejects.toMatchObject(locked)
  await second.studio.openProjectAt(path, { readOnly: true })
  await first.studio.ask('document:append', { documentId, position: 0, entries: [{ kind: 'stroke' }] })
  expect(await second.studio.ask('document:get', { documentId })).toMatchObject({ document: { length: 1 } })
  await second.studio.ask('project:close', {})
  await first.studio.ask('document:append', { documentId, position: 1, entries: [{ kind: 'stroke' }] })
  await second.studio.openProjectAt(path, { readOnly: true })
  expect(await second.studio.ask('document:get', { documentId })).toMatchObject({ document: { length: 2 } })
  await expect(second.studio.openProjectAt(path)).rejects.toMatchObject(locked)
  expect(
    await first.studio.ask('document:append', { documentId, position: 2, entries: [{ kind: 'fill' }] }),
  ).toBeTruthy()
})

it('one that was silent for half a minute is replaced: it and its computing process can write nothing more, and it says so once', async () => {
  const { path, runId } = await makeTraining(makeFolder())
  const [first, second] = [await watchStudio(computeHere), await watchStudio(computeHere)]
  await first.studio.openProjectAt(path)
  const { id: documentId } = await first.studio.ask('document:create', sketch)
  const { jobId } = await first.studio.ask('training:resume', { runId })
  await first.until(() => first.heard('run:measured').length > 1)
  silenceHolder(path)
  await second.studio.openProjectAt(path)
  expect(second.heard('studio:noted')).toMatchObject([
    { message: expect.stringContaining('“A run” was interrupted') as string },
  ])

  const taken =
    /^Another program has taken over Pots\.tandem; this one stopped writing, what it saved before is safe\.$/
  const lost = { code: 'storage-failed', message: expect.stringMatching(taken) as string }
  expect(
    await first.studio.request('document:append', { documentId, position: 0, entries: [{ kind: 'late' }] }),
  ).toMatchObject({ ok: false, error: lost })
  expect(await first.ending(jobId)).toMatchObject({ kind: 'failed', ...lost })
  vi.advanceTimersByTime(5000)
  await first.until(() => first.heard('project:closed').length > 0)
  expect(first.heard('studio:noted')).toEqual([
    { tone: 'problem', message: lost.message, hint: expect.any(String) as string },
  ])
  expect(first.endings(jobId)).toHaveLength(1)

  await second.studio.ask('document:append', { documentId, position: 0, entries: [{ kind: 'ours' }] })
  expect(lookInto(path, ({ documents }) => documents.entries(documentId))).toEqual([{ kind: 'ours' }])
  expect(await second.studio.ask('job:get', { jobId })).toMatchObject({ state: { ending: { code: 'interrupted' } } })
  const again = await second.studio.ask('training:resume', { runId })
  await second.until(() => second.heard('run:measured').length > 0)
  await second.studio.ask('training:pause', again)
  expect(await second.ending(again.jobId)).toEqual({ kind: 'cancelled' })
})

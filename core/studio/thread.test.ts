import { describe, expect, it } from 'vitest'
import { AppError, CancelledError } from '../domain/errors.ts'
import { askThread } from './thread.ts'

/** A module whose thread does this, with `work`, `signal` and `tell` at hand. */
function moduleOf(body: string): URL {
  const [thread, errors] = ['./thread.ts', '../domain/errors.ts'].map((path) => new URL(path, import.meta.url).href)
  const source = `import { answerInThread } from '${thread}'
    import { AppError, CancelledError } from '${errors}'
    await answerInThread(async (work, { signal, tell }) => { ${body} })`
  return new URL(`data:text/javascript,${encodeURIComponent(source)}`)
}

describe('a thread', () => {
  it('answers, and tells on its way', async () => {
    const heard: unknown[] = []
    const module = moduleOf('tell({ half: work.count / 2 }); return new Uint8Array(work.count)')
    const answer = await askThread(module, { count: 4 }, { hear: (value) => heard.push(value) })
    expect(answer).toEqual(new Uint8Array(4))
    expect(heard).toEqual([{ half: 2 }])
  })

  it('passes on what is to be said to people, as it is', async () => {
    const failing = moduleOf("throw new AppError('mismatch', 'They differ.', { hint: 'Take others.' })")
    const error = await askThread(failing, null).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(AppError)
    expect(error).toMatchObject({ code: 'mismatch', message: 'They differ.', hint: 'Take others.' })
  })

  it('ends with its defects, and when it ends before it has answered', async () => {
    await expect(askThread(moduleOf("throw new TypeError('a defect')"), null)).rejects.toThrow('a defect')
    await expect(askThread(moduleOf('process.exit(3)'), null)).rejects.toThrow('ended with code 3')
  })

  it('is stopped by the signal, also before it has begun', async () => {
    const waiting = moduleOf(`tell('waiting')
      await new Promise((resolve) => signal.addEventListener('abort', resolve))
      throw new CancelledError()`)
    const stopping = new AbortController()
    const { signal } = stopping
    await expect(askThread(waiting, null, { signal, hear: () => stopping.abort() })).rejects.toThrow(CancelledError)
    await expect(askThread(waiting, null, { signal })).rejects.toThrow(CancelledError)
  })
})

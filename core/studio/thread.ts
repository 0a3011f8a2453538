/** Long work in a thread of its own: asked for, told of and answered as plain data, stopped by a signal. */
import { parentPort, Worker, workerData } from 'node:worker_threads'
import { AppError, assertNever, CancelledError, type ErrorCode } from '../domain/errors.ts'

type FromThread =
  | { readonly kind: 'told'; readonly value: unknown }
  | { readonly kind: 'done'; readonly value: unknown }
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'failed'; readonly code: ErrorCode; readonly message: string; readonly hint: string | undefined }

export interface Asking {
  readonly signal?: AbortSignal | undefined
  /** Is given what the thread tells on its way. */
  hear?(value: unknown): void
}

export interface InThread {
  readonly signal: AbortSignal
  tell(value: unknown): void
}

/**
 * @param module calls answerInThread
 * @returns what it answers
 * @throws AppError, CancelledError as the work itself; other errors are defects
 */
export async function askThread(module: URL, work: unknown, { signal, hear }: Asking = {}): Promise<unknown> {
  if (signal?.aborted) throw new CancelledError()
  const worker = new Worker(module, { workerData: work })
  const stop = () => worker.postMessage('stop')
  signal?.addEventListener('abort', stop)
  try {
    return await new Promise((resolve, reject) => {
      worker.on('message', (message: FromThread) => {
        switch (message.kind) {
          case 'told':
            return hear?.(message.value)
          case 'done':
            return resolve(message.value)
          case 'cancelled':
            return reject(new CancelledError())
          case 'failed':
            return reject(errorOf(message))
          default:
            return assertNever(message)
        }
      })
      worker.once('error', reject)
      worker.once('exit', (code) => reject(new Error(`the thread ${module.pathname} ended with code ${code}`)))
    })
  } finally {
    signal?.removeEventListener('abort', stop)
  }
}

/** In the thread: does the work that it was started with. What nobody foresaw ends the thread and reaches the log by that way. */
export async function answerInThread(perform: (work: unknown, thread: InThread) => Promise<unknown>): Promise<void> {
  if (parentPort === null) throw new TypeError('answerInThread() is for a thread of its own')
  const port = parentPort
  const stopping = new AbortController()
  const send = (message: FromThread) => port.postMessage(message)
  port.on('message', () => stopping.abort())
  try {
    const thread = { signal: stopping.signal, tell: (value: unknown) => send({ kind: 'told', value }) }
    send({ kind: 'done', value: await perform(workerData, thread) })
  } catch (error) {
    if (error instanceof CancelledError) return send({ kind: 'cancelled' })
    if (!(error instanceof AppError)) throw error
    const { code, message, hint } = error
    send({ kind: 'failed', code, message, hint })
  } finally {
    // Nothing else keeps the thread.
    port.close()
  }
}

function errorOf({ code, message, hint }: Extract<FromThread, { kind: 'failed' }>): AppError {
  return new AppError(code, message, hint === undefined ? {} : { hint })
}

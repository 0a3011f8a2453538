/** A studio that answers with what it was asked, for tests of the hosts alone. */
import { Readable } from 'node:stream'
import { AppError } from '../../domain/errors.ts'
import type { Listener, Studio } from '../../studio/host/studio.ts'

export interface EchoStudio extends Studio {
  tell: Listener
  readonly received: { uploadId: string; path: string; bytes: Buffer }[]
}

export function createEchoStudio(content = Buffer.from('0123456789')): EchoStudio {
  const listeners = new Set<Listener>()
  const received: EchoStudio['received'] = []
  const file = { sizeBytes: content.length, type: 'image/png', name: 'Vase “3”.png' }
  const stored = {
    ...file,
    open: (range?: { first: number; last: number }) =>
      Readable.from([content.subarray(range?.first ?? 0, (range?.last ?? content.length - 1) + 1)]),
  }
  const never = () => Promise.reject(new AppError('not-found', 'There is no such thing.'))
  return {
    request: (name, input) => Promise.resolve({ ok: true, value: { name, input } }),
    ask: never,
    listen(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    openProjectAt: never,
    createProjectAt: never,
    takeLocalFiles: never,
    async receiveFile(uploadId, path, bytes) {
      if (path.includes('..')) throw new AppError('misuse', 'A file of an upload stays inside it.')
      received.push({ uploadId, path, bytes: Buffer.concat(await bytes.toArray()) })
    },
    findContent(hash) {
      if (/^[0-9a-f]{64}$/.test(hash)) return stored
      throw new AppError('not-found', 'There is no such picture.')
    },
    findDownload: () => stored,
    window: { get: () => undefined, set: () => undefined },
    hasRunningTraining: () => false,
    close: () => Promise.resolve(),
    tell: (name, payload) => listeners.forEach((listen) => listen(name, payload)),
    received,
  }
}

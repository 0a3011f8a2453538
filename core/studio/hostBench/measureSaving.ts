/** A checkpoint of the largest models, saved by a process of its own while somebody draws. */
import type { ProcessPort } from '../../contract/port.ts'
import { moduleBeside } from '../../domain/moduleBeside.ts'
import type { BenchPlace, BenchStudio } from './benchStudio.ts'
import type { Figure } from './figure.ts'
import { measureStrokes } from './measureStrokes.ts'
import type { SaveNews, SaveOrder } from './saveEntry.ts'

const entry = moduleBeside(import.meta.url, './saveEntry')

/** Into the open project. @param bytes of the checkpoint */
export async function measureSaving(bench: BenchStudio, fork: BenchPlace['fork'], bytes: number): Promise<Figure[]> {
  const { project } = bench.watch
  if (project?.path == null || project.holder === null) throw new RangeError('no project is open to be written to')
  const port = fork(entry)
  const saving = hear(port, 'saving')
  const saved = hear(port, 'saved')
  try {
    port.send({ path: project.path, holder: project.holder, bytes } satisfies SaveOrder)
    await saving
    const what = `a checkpoint of ${Math.round(bytes / 1e6)} MB`
    const strokes = await measureStrokes(bench, `while ${what} is saved`, saved)
    const { ms, grownBytes } = await saved
    return [
      { what: `Save ${what}`, unit: 's', value: ms / 1000, target: { atMost: 10 } },
      { what: `Save ${what}: memory grows by`, unit: 'MB', value: grownBytes / 1e6, target: { atMost: bytes / 1e6 } },
      ...strokes,
    ]
  } finally {
    port.kill()
  }
}

function hear<K extends SaveNews['kind']>(
  port: ProcessPort,
  kind: K,
): Promise<Extract<SaveNews, { readonly kind: K }>> {
  const heard = Promise.withResolvers<Extract<SaveNews, { readonly kind: K }>>()
  port.onMessage((message) => {
    const news = message as SaveNews
    if (news.kind === kind) heard.resolve(news as Extract<SaveNews, { readonly kind: K }>)
  })
  port.onGone((reason) => heard.reject(new Error(`the saving process ended: ${reason}; ${port.lastWords?.() ?? ''}`)))
  // Whoever waits for the other news is told.
  heard.promise.catch(() => undefined)
  return heard.promise
}

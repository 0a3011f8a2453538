/** Strokes, each acknowledged once it is on the disk. */
import { setTimeout } from 'node:timers/promises'
import type { BenchStudio } from './benchStudio.ts'
import { type Figure, quantile } from './figure.ts'

const POINTS = 60
/** A page's next stroke comes from outside, so that everything else of the host, and who else writes, has its turn. */
const REST_MS = 2

/** Into a sketch of their own, one after the other. @param when in words; @param until ends it, after one stroke at least */
export async function measureStrokes(
  { studio }: BenchStudio,
  when: string,
  until: Promise<unknown>,
): Promise<Figure[]> {
  const side = { width: 256, height: 256 }
  const { id: documentId } = await studio.ask('document:create', { kind: 'sketch', name: `Strokes ${when}`, ...side })
  let over = false
  const stop = () => (over = true)
  void until.then(stop, stop)
  const tookMs: number[] = []
  const startedAt = performance.now()
  do {
    const position = tookMs.length
    const points = Array.from({ length: POINTS }, (_, x) => [x, (x * position) % 97, 0.5])
    const askedAt = performance.now()
    await studio.ask('document:append', { documentId, position, entries: [{ kind: 'stroke', points }] })
    tookMs.push(performance.now() - askedAt)
    await setTimeout(REST_MS)
  } while (!over)
  const seconds = (performance.now() - startedAt) / 1000
  return [
    { what: `Strokes ${when}`, unit: 'a second', value: tookMs.length / seconds },
    { what: `Stroke ${when}, 95 of 100`, unit: 'ms', value: quantile(tookMs, 0.95) },
  ]
}

/** An import of small pictures: how fast, and how long a stroke could have waited meanwhile. */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { Id } from '../../domain/records.ts'
import { drawVesselData } from '../describe.ts'
import type { BenchStudio } from './benchStudio.ts'
import type { Figure } from './figure.ts'

const SIDE = 64

/** Pairs of sketch and vessel, side by side. @returns the folder */
export async function drawPictures(folder: string, count: number): Promise<string> {
  const pictures = join(folder, 'pictures')
  await mkdir(pictures, { recursive: true })
  await drawVesselData({ folder: pictures, count, size: SIDE, seed: 1 }, () => undefined, new AbortController().signal)
  return pictures
}

/** Into the open project. */
export async function measureImport(
  { studio, ended }: BenchStudio,
  pictures: string,
): Promise<{ readonly figures: Figure[]; readonly dataSetId: Id }> {
  const uploadId = await studio.takeLocalFiles(pictures, 'data')
  const gaps = monitorEventLoopDelay({ resolution: 2 })
  gaps.enable()
  const startedAt = performance.now()
  const { jobId } = await studio.ask('data:import', { uploadId, name: 'Vessels', keeping: 'inside' })
  await ended(jobId)
  const seconds = (performance.now() - startedAt) / 1000
  gaps.disable()
  const [{ id: dataSetId, count }] = await studio.ask('data:list', {})
  const value = (count.train + count.heldOut) / seconds
  return {
    dataSetId,
    figures: [
      { what: 'Import: pictures', unit: 'a second', value },
      { what: 'Import: longest gap of the event loop', unit: 'ms', value: gaps.max / 1e6 },
    ],
  }
}

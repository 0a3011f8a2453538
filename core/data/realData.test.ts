/** The readers on real files, where there are any: folder TANDEM_DATA or ../shared/data. */
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createBatches } from './batches.ts'
import { openDataSet } from './dataSet.ts'

const root = process.env.TANDEM_DATA ?? resolve(import.meta.dirname, '../../../shared/data')

describe('real data', () => {
  it.each([
    ['fashion-mnist', { layout: 'idx', count: { train: 60000, heldOut: 10000 }, channels: 1 }, 'class'],
    ['cifar10', { layout: 'cifar', channels: 3 }, 'class'],
    [
      'facades',
      { layout: 'side-by-side', conditionSide: 'right', conditionChannels: 3, count: { train: 400, heldOut: 50 } },
      'picture',
    ],
    [
      'edges2shoes',
      { layout: 'side-by-side', conditionSide: 'right', conditionChannels: 1, count: { train: 1000, heldOut: 100 } },
      'picture',
    ],
    [
      'cufs',
      { layout: 'side-by-side', conditionSide: 'right', conditionChannels: 1, count: { train: 88, heldOut: 50 } },
      'picture',
    ],
  ] as const)('opens %s and reads a batch', async (name, expected, task) => {
    const folder = join(root, name)
    if (!existsSync(folder)) {
      process.stdout.write(`not run: ${name} (no folder ${folder}; set TANDEM_DATA)\n`)
      return
    }
    const dataSet = await openDataSet(folder)
    expect(dataSet).toMatchObject(expected)
    expect(dataSet.problems).toEqual([])
    const batch = await createBatches(dataSet, { task, split: 'train', batchSize: 4, size: 32, seed: 1 }).read(0)
    expect(batch.observed).toMatchObject({ count: 4, width: 32, height: 32, channels: dataSet.channels })
  })
})

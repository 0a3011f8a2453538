/** Folders of every layout, and imports of them into a project in memory, for the tests of data sets. */
import { beside, drawn, idx, noisy, noisyFiles, png, toSharp, writeFiles } from '../../data/testPictures.ts'
import type { DataSetRecord } from '../../domain/records.ts'
import type { ProjectStore } from '../../storage/project/store.ts'
import { importDataSet } from './importDataSet.ts'
import type { ImportOrder, Importing } from './importDataSet.ts'
import type { Upload } from './uploads.ts'

export type SampleLayout = keyof typeof makers

const makers = {
  'class-folders': async (folder: string) => {
    writeFiles(folder, await noisyFiles('train/cat/', 6, 20, 0))
    writeFiles(folder, await noisyFiles('train/dog/', 6, 24, 50))
    writeFiles(folder, await noisyFiles('test/cat/', 3, 20, 90))
    writeFiles(folder, await noisyFiles('test/dog/', 2, 20, 95))
  },
  idx: async (folder: string) => {
    const pixels = (count: number, by: number) => Uint8Array.from({ length: count * 144 }, (_, i) => (i * by) & 255)
    const digits = (count: number) => Uint8Array.from({ length: count }, (_, i) => i % 3)
    writeFiles(folder, {
      'train-images-idx3-ubyte': idx([20, 12, 12], pixels(20, 37)),
      'train-labels-idx1-ubyte': idx([20], digits(20)),
      't10k-images-idx3-ubyte': idx([6, 12, 12], pixels(6, 91)),
      't10k-labels-idx1-ubyte': idx([6], digits(6)),
    })
  },
  cifar: async (folder: string) => {
    const rows = (count: number) =>
      Uint8Array.from({ length: count * 3073 }, (_, i) =>
        i % 3073 === 0 ? (i / 3073) % 10 : (i * 31 + (i >> 8)) & 255,
      )
    writeFiles(folder, { 'data_batch_1.bin': rows(12), 'test_batch.bin': rows(3) })
  },
  'paired-folders': async (folder: string) => {
    for (let i = 0; i < 12; i++) {
      writeFiles(folder, { [`drawings/${i}.png`]: await png(drawn(40, 32, i)) })
      writeFiles(folder, {
        [`photos/${i}.jpg`]: await toSharp(noisy(40, 32, i))
          .jpeg()
          .toBuffer(),
      })
    }
  },
  'side-by-side': async (folder: string) => {
    for (let i = 0; i < 12; i++) {
      const both = toSharp(beside(noisy(32, 32, i), drawn(32, 32, i)))
      writeFiles(folder, { [`${i}.jpg`]: await both.jpeg({ quality: 90 }).toBuffer() })
    }
  },
  photos: async (folder: string) => {
    writeFiles(folder, await noisyFiles('', 12, 33, 700))
    // Turned by its EXIF entry, and wider than the others.
    const turned = await toSharp(noisy(40, 30, 800))
      .withMetadata({ orientation: 6 })
      .webp({ lossless: true })
      .toBuffer()
    writeFiles(folder, { 'turned.webp': turned })
  },
} as const

export const sampleLayouts = Object.keys(makers) as SampleLayout[]

export async function makeSample(folder: string, layout: SampleLayout): Promise<string> {
  await makers[layout](folder)
  return folder
}

export function localUpload(path: string): Upload {
  return { id: 'local', purpose: 'data', path, local: true }
}

export async function importFolder(
  store: ProjectStore,
  folder: string,
  { order, ...more }: { order?: Partial<ImportOrder> } & Partial<Omit<Importing, 'order'>> = {},
): Promise<DataSetRecord> {
  return importDataSet({
    store,
    upload: localUpload(folder),
    order: { name: 'Set', layout: 'auto', keeping: 'inside', ...order },
    signal: new AbortController().signal,
    tell: () => undefined,
    ...more,
  })
}

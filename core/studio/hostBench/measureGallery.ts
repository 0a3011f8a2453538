/** A project with years of work in it: how fast it is there, and a page of its gallery. */
import { Random } from '../../domain/random.ts'
import { openStore, type ProjectStore } from '../../storage/project/store.ts'
import { createProvenance, createRunDraft } from '../../storage/project/testing.ts'
import { createProjectFile } from '../../storage/sqlite/projectFile.ts'
import type { BenchStudio } from './benchStudio.ts'
import { type Figure, quantile } from './figure.ts'

export interface GallerySizes {
  readonly results: number
  readonly runs: number
  /** Looked at in every run. */
  readonly pages: number
}

const PAGE = 60
/** In one write while it is filled. */
const PORTION = 100
const PICTURE_BYTES = 6000

export function fillProject(path: string, sizes: GallerySizes): void {
  const file = createProjectFile(path, { name: 'Years' })
  try {
    const store = openStore(file)
    for (let number = 0; number < sizes.runs; number++) store.runs.insert(createRunDraft({ name: `Run ${number}` }))
    const random = new Random(3)
    for (let from = 0; from < sizes.results; from += PORTION)
      file.write(() => {
        for (let number = from; number < Math.min(from + PORTION, sizes.results); number++)
          addResult(store, number, random)
      })
  } finally {
    file.close()
  }
}

function addResult({ contents, results }: ProjectStore, number: number, random: Random): void {
  const picture = contents.put(new Uint8Array(random.normals(PICTURE_BYTES / 4).buffer), 'picture')
  const provenance = createProvenance({ labels: [1, 0], latent: [...random.normals(100)] })
  const size = { width: 64, height: 64 }
  results.insert({ title: `Vase ${number}`, picture, initial: null, ...size, provenance })
}

/** Opens it as a page does: with its runs and the first page of its gallery. */
export async function measureGallery({ studio }: BenchStudio, path: string, sizes: GallerySizes): Promise<Figure[]> {
  await studio.ask('project:close', {})
  const startedAt = performance.now()
  await studio.openProjectAt(path)
  await studio.ask('runs:list', {})
  await studio.ask('results:list', { limit: PAGE })
  const opened = performance.now() - startedAt
  const pagesMs: number[] = []
  const random = new Random(5)
  while (pagesMs.length < sizes.pages) {
    const offset = random.integer(Math.max(1, sizes.results - PAGE))
    const askedAt = performance.now()
    await studio.ask('results:list', { limit: PAGE, offset })
    pagesMs.push(performance.now() - askedAt)
  }
  const content = `${sizes.results.toLocaleString('en')} results, ${sizes.runs} runs`
  return [
    { what: `Open a project (${content})`, unit: 'ms', value: opened, target: { atMost: 300 } },
    { what: 'Gallery page, 95 of 100', unit: 'ms', value: quantile(pagesMs, 0.95), target: { atMost: 30 } },
  ]
}

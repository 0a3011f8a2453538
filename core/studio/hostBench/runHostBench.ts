/**
 * Measures the studio as people use it: through the requests of a page, with a real computing process and real files. Every figure is measured in
 * several runs, of which the median counts; the machine's load before and after is told with them.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { availableParallelism, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { openBenchStudio, type BenchPlace, type BenchStudio } from './benchStudio.ts'
import { type Figure, type HostRow, summarise } from './figure.ts'
import { fillProject, type GallerySizes, measureGallery } from './measureGallery.ts'
import { drawPictures, measureImport } from './measureImport.ts'
import { measureSaving } from './measureSaving.ts'
import { measureTraining, type TrainingSizes } from './measureTraining.ts'

export interface HostBenchOptions extends Partial<Pick<BenchPlace, 'engine' | 'threads'>>, Pick<BenchPlace, 'fork'> {
  readonly sizes: BenchSizes
  /** A folder of its own is made here, and removed; the system's own for such when absent. */
  readonly place?: string
  /** What happens, line by line. */
  readonly onLine?: (line: string) => void
}

export interface BenchSizes extends TrainingSizes, GallerySizes {
  /** Imported in every run. */
  readonly pictures: number
  /** Of a checkpoint that is saved in every run; 0 leaves it out. */
  readonly savedBytes: number
}

const full: BenchSizes = {
  ...{ rounds: 3, batch: 8, size: 64, previews: 60, refinements: 20, strokesMs: 3000, pictures: 2000 },
  ...{ results: 10_000, runs: 200, pages: 40, savedBytes: 0 },
}
export const hostBenchSizes = {
  full,
  quick: { ...full, rounds: 2, previews: 50, refinements: 8, strokesMs: 1000, pictures: 300 },
  /** A U-Net of 256 pixels with both moments. */
  long: { ...full, savedBytes: 670e6 },
} satisfies Record<string, BenchSizes>

export interface HostReport {
  /** What computed, in words. */
  readonly engine: string
  readonly processors: number
  /** Processes that wanted to run, on average over a minute, before and after. */
  readonly load: { readonly before: number; readonly after: number }
  readonly rows: readonly HostRow[]
}

export async function runHostBench({
  fork,
  sizes,
  engine = null,
  threads = null,
  place = tmpdir(),
  onLine = () => undefined,
}: HostBenchOptions): Promise<HostReport> {
  const folder = mkdtempSync(join(place, 'tandem-bench-'))
  const [before] = loadavg()
  try {
    const bench = await openBenchStudio({ folder, engine, threads, fork })
    try {
      const figures = await measureAll(bench, fork, sizes, onLine)
      const [after] = loadavg()
      const described = await describeEngine(bench)
      return {
        engine: described,
        processors: availableParallelism(),
        load: { before, after },
        rows: summarise(figures),
      }
    } finally {
      await bench.studio.close()
    }
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 10 })
  }
}

async function measureAll(
  bench: BenchStudio,
  fork: BenchPlace['fork'],
  sizes: BenchSizes,
  onLine: (line: string) => void,
): Promise<Figure[]> {
  const { folder, studio } = bench
  const figures: Figure[] = []
  const everyRound = async (measure: (round: number) => Promise<readonly Figure[]>) => {
    for (let round = 1; round <= sizes.rounds; round++) figures.push(...(await measure(round)))
  }
  onLine(`Importing ${sizes.pictures} pictures`)
  const pictures = await drawPictures(folder, sizes.pictures)
  let dataSetId = ''
  await everyRound(async (round) => {
    await studio.createProjectAt(join(folder, `Import ${round}.tandem`))
    const imported = await measureImport(bench, pictures)
    dataSetId = imported.dataSetId
    return imported.figures
  })
  onLine('Training, and drawing meanwhile')
  figures.push(...(await measureTraining(bench, dataSetId, sizes)))
  if (sizes.savedBytes > 0) {
    onLine(`Saving a checkpoint of ${Math.round(sizes.savedBytes / 1e6)} MB`)
    await everyRound(() => measureSaving(bench, fork, sizes.savedBytes))
  }
  onLine(`Opening a project of ${sizes.results} results`)
  const path = join(folder, 'Years.tandem')
  fillProject(path, sizes)
  await everyRound(() => measureGallery(bench, path, sizes))
  return figures
}

async function describeEngine({ studio }: BenchStudio): Promise<string> {
  const { engine } = await studio.ask('studio:state', {})
  return engine.kind === 'ready' ? `${engine.engine} ${engine.version}, ${engine.detail}` : engine.kind
}

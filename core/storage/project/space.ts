/**
 * Where the bytes of a project are. Content that several things refer to counts once, for the first of: pictures, checkpoints, results,
 * documents, metrics (with the probes); only what nothing outside the bin refers to counts for the bin.
 */
import type { SpaceReport } from '../../domain/records.ts'
import type { ProjectFile } from '../sqlite/projectFile.ts'

type Place = Exclude<keyof SpaceReport, 'free'>

/** In the order in which they count. */
const places: readonly Place[] = ['pictures', 'checkpoints', 'results', 'documents', 'metrics', 'bin']

/** Tables that refer to content, what their rows belong to, and the columns. */
const uses: readonly { readonly place: Place; readonly from: string; readonly columns: readonly string[] }[] = [
  {
    place: 'pictures',
    from: 'picture AS part JOIN data_set AS owner ON owner.id = data_set_id',
    columns: ['content', 'condition'],
  },
  {
    place: 'checkpoints',
    from: `checkpoint_chunk AS part JOIN checkpoint ON checkpoint.id = checkpoint_id
      JOIN run AS owner ON owner.id = run_id`,
    columns: ['hash'],
  },
  { place: 'checkpoints', from: `(SELECT hash, NULL AS binned_at FROM claim) AS part`, columns: ['hash'] },
  { place: 'results', from: 'result AS part', columns: ['picture', 'initial', 'condition', 'mask', 'strokes'] },
  { place: 'results', from: '(SELECT sheet, NULL AS binned_at FROM job) AS part', columns: ['sheet'] },
  { place: 'documents', from: 'document AS part', columns: ['background'] },
  { place: 'metrics', from: 'probe AS part JOIN run AS owner ON owner.id = run_id', columns: ['initial', 'refined'] },
  {
    place: 'metrics',
    from: 'probe_targets AS part JOIN run AS owner ON owner.id = run_id',
    columns: ['observed', 'condition'],
  },
]

const usesSql = uses
  .flatMap(({ place, from, columns }) =>
    columns.map(
      (column) => `SELECT part.${column} AS hash,
        iif(binned_at IS NULL, ${places.indexOf(place)}, ${places.indexOf('bin')}) AS place
        FROM ${from} WHERE part.${column} IS NOT NULL`,
    ),
  )
  .join(' UNION ALL ')

export function reportSpace({ db, read }: Pick<ProjectFile, 'db' | 'read'>): SpaceReport {
  return read(() => {
    const pragma = (name: string) => Number(db.pragma(name, { simple: true }))
    const contents = db
      .prepare<[], { place: number | null; size: number }>(
        `SELECT place, sum(size) AS size FROM content
         LEFT JOIN (SELECT hash, min(place) AS place FROM (${usesSql}) GROUP BY hash) USING (hash) GROUP BY place`,
      )
      .all()
    const of = (place: Place) => contents.find((each) => each.place === places.indexOf(place))?.size ?? 0
    const unused = contents.find((each) => each.place === null)?.size ?? 0
    const pages = db.prepare<[string], number>('SELECT total(pgsize) FROM dbstat WHERE name = ?').pluck()
    return {
      pictures: of('pictures'),
      checkpoints: of('checkpoints'),
      results: of('results'),
      documents: of('documents') + (pages.get('document_entry') ?? 0),
      metrics: of('metrics') + (pages.get('metric') ?? 0),
      bin: of('bin'),
      free: unused + pragma('freelist_count') * pragma('page_size'),
    }
  })
}

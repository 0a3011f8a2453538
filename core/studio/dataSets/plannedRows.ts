/** What an import is going to put into the project: a row for every picture and every problem that was found. */
import type { DataSet } from '../../data/dataSet.ts'
import type { Example, PictureEntry, Problem, ProblemPictures, Split } from '../../data/examples.ts'
import type { Picture } from '../../domain/picture.ts'
import type { ContentHash, PictureRecord } from '../../domain/records.ts'
import { joinNames } from './pairNames.ts'

export interface PlannedRow extends Omit<PictureRecord, 'number' | 'content' | 'condition' | 'skipped'> {
  readonly pictures:
    | { readonly kind: 'files'; readonly observed: PictureEntry | null; readonly condition: PictureEntry | null }
    | { readonly kind: 'pixels'; readonly picture: Picture; readonly content: ContentHash }
}

/** Those to train with, those held out, then what is left out, each in the order of the data set. */
export function planRows(dataSet: DataSet): PlannedRow[] {
  const examples = (['train', 'heldOut'] as const).flatMap((split) =>
    dataSet.examples[split].map((example) => planExample(example, split, dataSet)),
  )
  const splits = new Map(
    examples.flatMap((row) => (row.pictures.kind === 'files' ? [[contentOf(row), row.split]] : [])),
  )
  return [...examples, ...dataSet.problems.map((problem) => planProblem(problem, dataSet, splits))]
}

/** What the row puts into a project: the sizes of its pictures in bytes, by their hash. */
export function bytesByContent({ pictures }: PlannedRow): ReadonlyMap<ContentHash, number> {
  if (pictures.kind === 'pixels') return new Map([[pictures.content, pictures.picture.data.length]])
  const files = [pictures.observed, pictures.condition].filter((file) => file !== null)
  return new Map(files.map(({ content, sizeBytes }) => [content, sizeBytes]))
}

function planExample({ name, label, content, origin }: Example, split: Split, dataSet: DataSet): PlannedRow {
  if (origin === undefined) throw new TypeError(`example ${name} does not say where its pictures are`)
  const same = { split, label: label ?? null, problem: null }
  if (origin.kind === 'pixels') {
    const { width, height } = origin.picture
    return { ...same, name, width, height, pictures: { kind: 'pixels', picture: origin.picture, content } }
  }
  const { observed, condition = null } = origin
  return { ...same, ...namesAndSize(observed, condition, dataSet), pictures: { kind: 'files', observed, condition } }
}

function planProblem(problem: Problem, dataSet: DataSet, splits: ReadonlyMap<string, Split>): PlannedRow {
  const { file, kind, message, pictures = {} } = problem
  const { observed, condition } = sidesOf(pictures, dataSet)
  const any = observed ?? condition
  const label = dataSet.labels?.indexOf(any?.groups[0] ?? '') ?? -1
  return {
    name: file,
    width: 0,
    height: 0,
    ...(any === null ? {} : namesAndSize(observed, condition, dataSet)),
    // A copy of a picture stays on its side, so that it cannot be learned and held out.
    split: splits.get(observed?.content ?? '') ?? any?.split ?? 'train',
    label: label < 0 ? null : label,
    problem: { kind, message },
    pictures: { kind: 'files', observed, condition },
  }
}

function sidesOf(
  { alone, left, right }: ProblemPictures,
  { layout, conditionSide }: DataSet,
): { observed: PictureEntry | null; condition: PictureEntry | null } {
  if (alone !== undefined) return { observed: alone, condition: layout === 'side-by-side' ? alone : null }
  const [observed = null, condition = null] = conditionSide === 'left' ? [right, left] : [left, right]
  return { observed, condition }
}

function namesAndSize(observed: PictureEntry | null, condition: PictureEntry | null, { layout }: DataSet) {
  const shown = observed ?? condition
  if (shown === null) throw new TypeError('a row without any picture has no size')
  const twoFiles = observed !== null && condition !== null && observed !== condition
  return {
    name: twoFiles ? joinNames(observed.file, condition.file) : shown.file,
    width: layout === 'side-by-side' ? Math.floor(shown.width / 2) : shown.width,
    height: shown.height,
  }
}

function contentOf({ pictures }: PlannedRow): string {
  return pictures.kind === 'files' ? (pictures.observed?.content ?? '') : ''
}

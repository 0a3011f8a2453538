/** What an evaluation found, as plain data fit for JSON, and as a table for a terminal. */
import type { Model } from '../../ebm/sampling.ts'
import type { RecipeName, TaskKind } from '../../domain/recipe.ts'

/**
 * Which pictures were measured. `training`: real training pictures, as many as there are samples: what a perfect model could reach (the floor).
 * `noise`: pure noise. `observed`: the held-out pictures themselves.
 */
export const SUBJECTS = ['initial', 'refined', 'refinedTwice', 'training', 'noise', 'observed'] as const
export type Subject = (typeof SUBJECTS)[number]

export interface Measure {
  /** For programs, for example `frechetDistance` or `slicedWasserstein64`. */
  readonly name: string
  /** For people. */
  readonly title: string
  /** `real`: the nearer to what real pictures have, the better. */
  readonly better: 'lower' | 'higher' | 'real'
  /** What was compared with what, on which features or pixels. */
  readonly basis: string
  /** Finite numbers only; null where the pictures allow none. Absent: not measured. */
  readonly values: Readonly<Partial<Record<Subject, number | null>>>
}

export interface EvaluationReport {
  readonly version: 1
  readonly task: TaskKind
  readonly recipe: RecipeName
  readonly size: number
  readonly channels: number
  /** l: Langevin steps of `refined`. */
  readonly steps: number
  readonly seed: number
  /** How many pictures of each kind were measured. */
  readonly counts: { readonly samples: number; readonly heldOut: number; readonly training: number }
  /** On so many of the held-out pictures the weights were chosen among those of their run; absent where they were not. */
  readonly chosenOn?: number
  /** Share of held-out pictures that the measuring classifier itself gets right; class task only. */
  readonly classifierAccuracy?: number
  readonly measures: readonly Measure[]
}

export function titleOf(subject: Subject): string {
  return subject === 'refinedTwice' ? 'refined 2l' : subject
}

/** The measure of each subject; where it gives undefined, the subject is left out. */
export function measureEach<T extends { readonly subject: Subject }>(
  subjects: readonly T[],
  measure: (subject: T) => number | null | undefined,
): Measure['values'] {
  return Object.fromEntries(
    subjects.map((subject) => [subject.subject, measure(subject)]).filter(([, value]) => value !== undefined),
  ) as Measure['values']
}

/** What a report says before its numbers. */
export function describeModel({ recipe }: Model, seed: number): Omit<EvaluationReport, 'counts' | 'measures'> {
  const { task, name, size, channels, chain } = recipe
  return { version: 1, task, recipe: name, size, channels, steps: chain.steps, seed }
}

const GOALS = { lower: 'lower is better', higher: 'higher is better', real: 'as near to observed as possible' } as const

/** A table with one line for each measure and one column for each kind of pictures, then what the numbers rest on. */
export function formatEvaluation(report: EvaluationReport): string {
  const { task, recipe, size, steps, counts, measures, seed, chosenOn } = report
  const subjects = SUBJECTS.filter((subject) => measures.some(({ values }) => values[subject] !== undefined))
  const rows = [
    ['', ...subjects.map(titleOf)],
    ...measures.map(({ title, values }) => [title, ...subjects.map((subject) => formatValue(values[subject]))]),
  ]
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)))
  const lines = rows.map((row) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[column] + 2)))
      .join('')
      .trimEnd(),
  )
  const count = (number: number) => number.toLocaleString('en')
  return [
    `Evaluation of a ${recipe} model (${task}, ${size}x${size}): l = ${steps} Langevin steps, seed ${seed};`,
    `${count(counts.samples)} samples, ${count(counts.heldOut)} held-out and ${count(counts.training)} training pictures.`,
    ...(chosenOn === undefined
      ? []
      : [
          `The weights were chosen among those of its run on ${count(chosenOn)} of these held-out pictures, which flatters them a little.`,
        ]),
    '',
    ...lines,
    '',
    ...measures.map(({ title, better, basis }) => `${title}: ${GOALS[better]}. ${basis}`),
  ].join('\n')
}

function formatValue(value: number | null | undefined): string {
  if (value === undefined) return ''
  if (value === null) return '-'
  const size = Math.abs(value)
  return value.toFixed(size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3)
}

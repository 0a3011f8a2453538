/** The words of a training, whether a model file or a project keeps it. */
import { counted } from '../../domain/counted.ts'
import type { Recipe } from '../../domain/recipe.ts'
import { formatDuration, formatRange } from './terminal.ts'

/** What a step measured; only an error of the observed pictures while the initializer still learns alone. */
interface Measured {
  readonly gap?: number | null
  readonly move?: number | null
  readonly mappingError: number | null
  readonly observedError?: number | null
}

export const lengthReached = 'It has reached its length; to go on, give --minutes, --steps-total or --epochs.'

export function recipeLine({ name, task, size }: Recipe, engine: string, detail: string): string {
  return `Recipe ${name}, ${task}, ${size}x${size}; engine ${engine} (${detail}).`
}

/** The living line. @param progress 0 .. 1 */
export function stepLine(at: {
  readonly step: number
  readonly measured: Measured
  readonly progress: number
  readonly elapsedMs: number
  readonly remaining: { low: number; high: number } | undefined
}): string {
  const percent = `${(100 * at.progress).toFixed(0)} %`
  return `${percent.padStart(5)}  step ${at.step}  ${numbersOf(at.measured)}  ${formatDuration(at.elapsedMs)}, ${formatRange(at.remaining)}`
}

export function stepsIn(step: number, elapsedMs: number): string {
  return `${counted(step, 'step')} in ${formatDuration(elapsedMs)}`
}

function numbersOf({ gap, move, mappingError, observedError }: Measured): string {
  const digits = (value: number | null | undefined, count: number) => value?.toFixed(count) ?? '-'
  if (mappingError === null) return `head start, error ${digits(observedError, 3)}`
  return `value gap ${digits(gap, 2)}, move ${digits(move, 3)}, mapping ${digits(mappingError, 4)}`
}

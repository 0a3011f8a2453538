/** Labels as a person names them, as weights for a class model. */
import { AppError } from '../domain/errors.ts'

/** What one picture is to show: a weight for each class of the model, and the same in words. */
export interface LabelMix {
  readonly weights: readonly number[]
  readonly name: string
}

/** @param label a name in any case, or a number where no class has that name @throws AppError misuse for a label that the model does not have */
export function mixOf(label: string, labels: readonly string[]): LabelMix {
  const chosen = labelNumber(label, labels)
  return { weights: labels.map((_, index) => (index === chosen ? 1 : 0)), name: labels[chosen] }
}

/** @param share 0 is the first label, 1 the second @throws AppError misuse unless there are exactly two, both known */
export function blendOf(chosen: readonly string[], share: number, labels: readonly string[]): LabelMix {
  if (chosen.length !== 2)
    throw new AppError('misuse', 'A blend needs exactly two labels.', {
      hint: 'Give --labels A,B with --blend or --between.',
    })
  const [first, second] = chosen.map((label) => mixOf(label, labels))
  return {
    weights: labels.map((_, index) => (1 - share) * first.weights[index] + share * second.weights[index]),
    name: nameMix(first.name, second.name, share),
  }
}

/** From the first label to the second in `count` even steps, both ends included. @throws like blendOf */
export function wayOf(chosen: readonly string[], count: number, labels: readonly string[]): LabelMix[] {
  return sharesOf(count).map((share) => blendOf(chosen, share, labels))
}

/** 0 .. 1 in `count` even steps; a single one is 0. */
export function sharesOf(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index / Math.max(1, count - 1))
}

/** A blend in words: "0.67 vase, 0.33 bowl". */
export function nameMix(first: string, second: string, share: number): string {
  const rounded = (number: number) => Number(number.toFixed(2))
  return `${rounded(1 - share)} ${first}, ${rounded(share)} ${second}`
}

function labelNumber(label: string, labels: readonly string[]): number {
  const byName = labels.findIndex((name) => name.toLowerCase() === label.toLowerCase())
  const number = byName >= 0 ? byName : /^\d+$/.test(label) ? Number(label) : -1
  if (number < 0 || number >= labels.length)
    throw new AppError('misuse', `The model has no label "${label}".`, { hint: `Its labels are ${labels.join(', ')}.` })
  return number
}

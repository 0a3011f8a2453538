/** What pages keep as JSON must come back as it was: nothing that JSON cannot say, nothing that reaches into JavaScript's own objects. */
import { AppError } from '../../domain/errors.ts'

const DEEPEST = 32
const MOST_CHARACTERS = 1_000_000

/** @param what it is, as the beginning of a sentence @throws AppError misuse */
export function assertPlainJson(value: unknown, what: string): void {
  const problem = findProblem(value, 0)
  if (problem !== undefined) throw new AppError('misuse', `${what} ${problem}; nothing was changed.`)
  if (JSON.stringify(value).length > MOST_CHARACTERS)
    throw new AppError('misuse', `${what} is longer than ${MOST_CHARACTERS} characters; nothing was changed.`)
}

function findProblem(value: unknown, depth: number): string | undefined {
  if (depth > DEEPEST) return `is more than ${DEEPEST} levels deep`
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return undefined
    case 'number':
      return Number.isFinite(value) ? undefined : `holds the number ${value}`
    case 'object':
      if (value === null) return undefined
      if (Array.isArray(value)) return firstProblem(value, depth)
      if (!isPlainObject(value)) return 'holds something other than numbers, texts, lists and objects'
      if (Object.hasOwn(value, '__proto__')) return 'holds a field named __proto__'
      // A field that is not there is nothing that could be lost.
      return firstProblem(
        Object.values(value).filter((part) => part !== undefined),
        depth,
      )
    default:
      return `holds a ${typeof value}`
  }
}

function firstProblem(parts: readonly unknown[], depth: number): string | undefined {
  for (const part of parts) {
    const problem = findProblem(part, depth + 1)
    if (problem !== undefined) return problem
  }
  return undefined
}

function isPlainObject(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || prototype === Object.prototype
}

/** Things of a project by the names that people give them. */
import { AppError } from '../../../domain/errors.ts'
import type { DataSetRecord, Id, RunRecord } from '../../../domain/records.ts'
import type { Studio } from '../../../studio/host/studio.ts'

interface Named {
  readonly id: Id
  readonly name: string
}

/** Names shown before the rest is only counted. */
const SHOWN = 20
/** The beginning of an id by which things of one name are told apart. */
const MARK_LENGTH = 8

/** @param name or, where several have it, the beginning of the id @throws AppError misuse with the names that there are */
export async function findRun(studio: Studio, name: string): Promise<RunRecord> {
  return findNamed(await studio.ask('runs:list', {}), name, 'run')
}

/** @throws AppError like findRun */
export async function findDataSet(studio: Studio, name: string): Promise<DataSetRecord> {
  return findNamed(await studio.ask('data:list', {}), name, 'data set')
}

/** The run that can be meant without a name. @throws AppError misuse with the names, unless there is exactly one */
export async function findOnlyRun(studio: Studio): Promise<RunRecord> {
  const runs = await studio.ask('runs:list', {})
  if (runs.length === 1) return runs[0]
  const message = runs.length === 0 ? 'There is no run in this project yet.' : 'There are several runs in this project.'
  throw new AppError('misuse', message, { hint: listOf(runs, 'run') })
}

export function findNamed<T extends Named>(things: readonly T[], wanted: string, noun: string): T {
  const name = wanted.trim()
  const exact = things.filter((thing) => thing.name === name)
  const like = things.filter((thing) => thing.name.toLowerCase() === name.toLowerCase())
  const marked = things.filter(({ id }) => name.length >= MARK_LENGTH && id.startsWith(name.toLowerCase()))
  const found = [exact, like, marked].find((some) => some.length > 0) ?? []
  if (found.length === 1) return found[0]
  if (found.length === 0)
    throw new AppError('misuse', `There is no ${noun} “${name}” in this project.`, { hint: listOf(things, noun) })
  const marks = found.map(({ id }) => id.slice(0, MARK_LENGTH)).join(', ')
  throw new AppError('misuse', `${found.length} ${noun}s are called “${name}”.`, {
    hint: `Say which by its mark, the newest first: ${marks}.`,
  })
}

function listOf(things: readonly Named[], noun: string): string {
  if (things.length === 0) return `It has no ${noun}s.`
  const names = [...new Set(things.map(({ name }) => `“${name}”`))]
  const rest = names.length > SHOWN ? ` and ${names.length - SHOWN} more` : ''
  return `Its ${noun}s: ${names.slice(0, SHOWN).join(', ')}${rest}.`
}

/** @throws AppError misuse for a name that is taken: commands could not tell the two apart */
export function assertFreeName(things: readonly Named[], name: string, noun: string): void {
  if (!things.some((thing) => thing.name === name)) return
  throw new AppError('misuse', `There is already a ${noun} “${name}” in this project; nothing was changed.`, {
    hint: 'Choose another name with --name.',
  })
}

/** The name itself, or with the first number that makes it the only one. */
export function freeName(things: readonly Named[], name: string): string {
  const taken = new Set(things.map((thing) => thing.name))
  for (let number = 1; ; number++) {
    const numbered = number === 1 ? name : `${name} (${number})`
    if (!taken.has(numbered)) return numbered
  }
}

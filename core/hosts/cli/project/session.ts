/** A command's use of a project: the studio around one file, opened to write or to look only, and closed whatever happens. */
import { AppError } from '../../../domain/errors.ts'
import { createStudio } from '../../../studio/host/createStudio.ts'
import type { Studio } from '../../../studio/host/studio.ts'
import { dataFolder, projectsFolder } from '../../../studio/places.ts'
import type { Terminal } from '../terminal.ts'
import { noComputing, type Spawn } from './computing.ts'
import { on } from './jobs.ts'

export interface Surroundings {
  readonly terminal: Terminal
  /** Nothing is computed where it is absent. */
  readonly spawn?: Spawn
}

/** @param use is given a studio without a project */
export async function withStudio<T>(
  { terminal, spawn = noComputing }: Surroundings,
  use: (studio: Studio) => Promise<T>,
): Promise<T> {
  const studio = await createStudio({
    host: 'command-line',
    dataFolder: dataFolder(),
    projectsFolder: projectsFolder(),
    spawn,
  })
  try {
    on(studio, 'studio:noted', ({ message }) => terminal.say(message))
    return await use(studio)
  } finally {
    await studio.close()
  }
}

/** @throws AppError where another program has it open, naming that program */
export function withProject<T>(file: string, around: Surroundings, use: (studio: Studio) => Promise<T>): Promise<T> {
  return withStudio(around, async (studio) => {
    await studio.openProjectAt(file)
    return use(studio)
  })
}

/** For commands that change nothing: what another program holds, or may not be written to, is only looked at. */
export function withView<T>(file: string, around: Surroundings, use: (studio: Studio) => Promise<T>): Promise<T> {
  return withStudio(around, async (studio) => {
    try {
      await studio.openProjectAt(file)
    } catch (error) {
      if (!mayBeLookedAt(error)) throw error
      await studio.openProjectAt(file, { readOnly: true })
      around.terminal.say(`${error.message} It is only looked at, as it is saved.`)
    }
    return use(studio)
  })
}

/** It is sound, only that it cannot be written to. */
function mayBeLookedAt(error: unknown): error is AppError {
  return error instanceof AppError && 'problem' in error && ['locked', 'read-only'].includes(String(error.problem))
}

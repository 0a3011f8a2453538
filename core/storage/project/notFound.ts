/** The one answer to an id that names nothing (any more). */
import { AppError } from '../../domain/errors.ts'

export function notFound(what: string): AppError {
  return new AppError('not-found', `This ${what} is not in the project (any more).`, {
    hint: 'It may have been deleted in another window. Nothing was changed.',
  })
}

/** Pages never learn where things are on this machine: of a place in a sentence only its last name stays. */
import { AppError } from '../../domain/errors.ts'

/** An absolute path of any system; inside quotes it may hold spaces. */
const quoted = /([“"'])(?:[A-Za-z]:[\\/]|\\\\|\/)[^“”"'\n]*[\\/]([^“”"'\n\\/]*)(?=[”"'])/g
const plain = /(?<![\w.~“"'/\\])(?:[A-Za-z]:[\\/]|\\\\|\/)(?:[^\s“”"'()\\/]+[\\/])+([^\s“”"'()\\/]*)/g

export function hidePlaces(text: string): string {
  return text.replace(quoted, '$1$2').replace(plain, '$1')
}

/** The same error for pages. */
export function withoutPlaces(error: unknown): unknown {
  if (!(error instanceof AppError)) return error
  const { code, message, hint, cause } = error
  const [shownMessage, shownHint] = [hidePlaces(message), hint === undefined ? undefined : hidePlaces(hint)]
  if (shownMessage === message && shownHint === hint) return error
  return new AppError(code, shownMessage, { ...(shownHint === undefined ? {} : { hint: shownHint }), cause })
}

/** What was found among pictures, in lines for a person. */

/** Problems shown before the rest is only counted. */
const SHOWN = 20

export function describeFound(found: {
  readonly description: string
  readonly labels?: readonly string[]
  readonly problems: readonly { readonly file: string; readonly message: string }[]
  /** Where only the first problems are known. */
  readonly problemCount?: number
}): string[] {
  const { description, labels = [], problems, problemCount = problems.length } = found
  const listed = problems.slice(0, SHOWN).map(({ file, message }) => `  ${file}: ${message}`)
  const rest = problemCount > SHOWN ? [`  and ${problemCount - SHOWN} more`] : []
  return [
    description,
    ...(labels.length > 0 ? [`Classes: ${labels.join(', ')}.`] : []),
    ...(problemCount > 0 ? [`Left out (${problemCount}):`, ...listed, ...rest] : ['No problems found.']),
  ]
}

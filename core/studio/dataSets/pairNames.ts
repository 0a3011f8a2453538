/**
 * Pairs from two folders have two files, and their row names both: `photos/1.jpg // drawings/1.png`. No path holds two slashes in a row, so the
 * two can be told apart again.
 */
const between = ' // '

export function joinNames(observed: string, condition: string): string {
  return `${observed}${between}${condition}`
}

/** Where the picture and where the condition lies; the same file for a row of one file. */
export function splitName(name: string): { readonly observed: string; readonly condition: string } {
  const [observed, condition = observed] = name.split(between)
  return { observed, condition }
}

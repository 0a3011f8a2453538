/** Every column that refers to content: what none of them names is of no use to anybody and may be swept. */
export const contentReferences = [
  ['claim', 'hash'],
  ['picture', 'content'],
  ['picture', 'condition'],
  ['probe', 'initial'],
  ['probe', 'refined'],
  ['probe_targets', 'observed'],
  ['probe_targets', 'condition'],
  ['checkpoint_chunk', 'hash'],
  ['document', 'background'],
  ['result', 'picture'],
  ['result', 'initial'],
  ['result', 'condition'],
  ['result', 'mask'],
  ['result', 'strokes'],
  ['job', 'sheet'],
] as const

/** SQL condition: nothing refers to the row of `content` at hand. */
export const unreferenced = contentReferences
  .map(([table, column]) => `NOT EXISTS (SELECT 1 FROM ${table} WHERE ${table}.${column} = content.hash)`)
  .join(' AND ')

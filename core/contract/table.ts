/** Rows of the request table: what comes in is checked by a schema, what goes out is a type. */
import type { z } from 'zod'

export interface RequestRow<Input extends z.ZodType = z.ZodType, Output = unknown> {
  readonly input: Input
  /** Only a type: it never holds a value. */
  readonly output?: () => Output
}

/** The answer of what has nothing to tell but that it is done. */
export type Done = null

/** `asks(schema).answers<Output>()` */
export function asks<Input extends z.ZodType>(input: Input): { answers<Output>(): RequestRow<Input, Output> } {
  return { answers: () => ({ input }) }
}

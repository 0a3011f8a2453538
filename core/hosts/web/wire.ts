/** Frames of the WebSocket: MessagePack, so that pictures stay bytes. */
import { decode, encode } from '@msgpack/msgpack'

export interface Question {
  /** The page's own number, which the reply carries. */
  readonly id: number
  readonly name: string
  readonly input: unknown
}

export type Answer =
  | { readonly kind: 'reply'; readonly id: number; readonly reply: unknown }
  | { readonly kind: 'event'; readonly name: string; readonly payload: unknown }

export function encodeAnswer(answer: Answer): Uint8Array {
  return encode(answer, { ignoreUndefined: true })
}

/** @returns undefined for what is not a question */
export function decodeQuestion(bytes: Uint8Array): Question | undefined {
  try {
    const value: unknown = decode(bytes)
    if (typeof value !== 'object' || value === null) return undefined
    const { id, name, input } = value as Partial<Question>
    if (typeof id !== 'number' || !Number.isSafeInteger(id) || typeof name !== 'string') return undefined
    return { id, name, input }
  } catch {
    return undefined
  }
}

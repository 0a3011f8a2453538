/** Names of stored things: a UUID as text. Nothing about a thing can be read from its id. */
export type Id = string
/** SHA-256 of some bytes, 64 hexadecimal digits: pictures and tensor chunks are known by their content. */
export type ContentHash = string
/** UTC, ISO 8601 with milliseconds, as Date.toISOString writes it. */
export type Timestamp = string

/** Structured clone by way of JSON: bytes are the one thing in our messages that JSON lacks. */
export function pack(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    part instanceof Uint8Array ? { $bytes: Buffer.from(part).toString('base64') } : part,
  )
}

export function unpack(text: string): unknown {
  return JSON.parse(text, (_key, part: unknown) => {
    if (typeof part !== 'object' || part === null || !('$bytes' in part)) return part
    return new Uint8Array(Buffer.from(String(part.$bytes), 'base64'))
  }) as unknown
}

/** Waits for something, but not for ever. @returns whether it came in time */
export async function within(limitMs: number, what: Promise<unknown>): Promise<boolean> {
  const late = Promise.withResolvers<false>()
  const timer = setTimeout(() => late.resolve(false), limitMs)
  try {
    return await Promise.race([what.then(() => true), late.promise])
  } finally {
    clearTimeout(timer)
  }
}

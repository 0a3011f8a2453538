/** How long a process may be silent. A slow machine is not a hung one: it gets a multiple of its slowest turn. */
const SHORTEST_MS = 60_000
const TURNS = 20
/** Opening an engine is one long turn that nothing was measured of. */
const OPENING_MS = 180_000

export interface Patience {
  heard(): void
  /** The engine is open: turns are measured from now on. */
  opened(): void
  /** Called in every interval. @returns the limit when it was silent for longer */
  tick(): number | undefined
}

/**
 * Counts ticks and not the clock, so that a machine that was asleep or a host that was busy does not look like a process that hangs.
 * @param factor of the shortest patience
 */
export function createPatience(intervalMs: number, factor: number): Patience {
  let silentMs = 0
  let slowestMs: number | null = null

  return {
    heard() {
      if (slowestMs !== null) slowestMs = Math.max(slowestMs, silentMs)
      silentMs = 0
    },
    opened() {
      slowestMs = 0
    },
    tick() {
      silentMs += intervalMs
      const limitMs = slowestMs === null ? OPENING_MS : Math.max(factor * SHORTEST_MS, TURNS * slowestMs)
      return silentMs > limitMs ? limitMs : undefined
    },
  }
}

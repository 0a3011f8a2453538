/** A pipe to another process, whatever makes it: child_process, Electron's utilityProcess, or two ends in one test. */
export interface Port {
  /** Plain data and byte arrays. Messages keep their order. */
  send(message: unknown): void
  /** @returns stops listening */
  onMessage(listener: (message: unknown) => void): () => void
  /** The other side is gone. Called once. `reason` is for the log: an exit code or a signal. */
  onGone(listener: (reason: string) => void): void
}

/** The host's end: it may end the other process without asking. */
export interface ProcessPort extends Port {
  readonly pid: number | undefined
  /** Ends it at once, whatever it does. */
  kill(): void
  /** What it wrote last to its error output, for the diagnostics. */
  lastWords?(): string
}

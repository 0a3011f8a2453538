/**
 * The computing process of a program in a terminal. Ctrl-C reaches all processes there; this one goes on until its host has asked it for a
 * checkpoint and to leave.
 */
process.on('SIGINT', () => undefined)
await import('../../../studio/computing/process/entry.ts')

/** The time as the project notes it; tests bring their own. */
import type { Timestamp } from '../../domain/records.ts'

export type Clock = () => Timestamp

export const systemClock: Clock = () => new Date().toISOString()

/** What a project can be asked for has narrower ranges than what model files are used for. */
import { AppError } from '../../../domain/errors.ts'

export const most = { seed: 2 ** 32 - 1, steps: 4096, guidance: 20, inferenceSteps: 2000, threads: 256 } as const

/** @throws AppError misuse */
export function assertAtMost(option: string, value: number | undefined, limit: number): void {
  if (value === undefined || value <= limit) return
  throw new AppError('misuse', `In a project ${option} goes up to ${limit}, not ${value}.`)
}

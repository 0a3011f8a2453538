/** The engine that numeric tests run on: TANDEM_ENGINE, or the embedded one that every machine has. */
import { AppError } from '../domain/errors.ts'
import { type Engine, type EngineKind, openEngine } from './engine.ts'

/** @returns the engine, or undefined (with one printed line that says why) when it is not on this machine */
export async function engineUnderTest(): Promise<Engine | undefined> {
  const wanted = (process.env.TANDEM_ENGINE ?? 'wasm') as EngineKind
  try {
    return await openEngine({ engine: wanted })
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    process.stdout.write(`Not run on ${wanted}: ${error.message}\n`)
    return undefined
  }
}

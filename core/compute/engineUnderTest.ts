/** The engine that numeric tests run on: TANDEM_ENGINE, or the embedded one that every machine has. */
import { existsSync } from 'node:fs'
import { AppError } from '../domain/errors.ts'
import { type Engine, type EngineKind, openEngine } from './engine.ts'

/** Where Debian's Chromium keeps its software Vulkan driver: slow, right, and enough to try WebGPU on a machine without a GPU. */
const SOFTWARE_VULKAN = '/usr/lib/chromium/vk_swiftshader_icd.json'

/**
 * @returns the engine, or undefined (with one printed line that says why) when it is not on this machine
 * @throws AppError instead, when TANDEM_ENGINE_REQUIRED is 1: nobody shall believe that tests passed which were not run
 */
export async function engineUnderTest(): Promise<Engine | undefined> {
  const wanted = (process.env.TANDEM_ENGINE ?? 'wasm') as EngineKind
  if (wanted === 'webgpu' && existsSync(SOFTWARE_VULKAN)) process.env.VK_ICD_FILENAMES ??= SOFTWARE_VULKAN
  try {
    return await openEngine({ engine: wanted })
  } catch (error) {
    if (!(error instanceof AppError) || process.env.TANDEM_ENGINE_REQUIRED === '1') throw error
    process.stdout.write(`Not run on ${wanted}: ${error.message}\n`)
    return undefined
  }
}

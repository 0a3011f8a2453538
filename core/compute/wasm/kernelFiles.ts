/** The compiled kernels on disk (made by buildKernels.ts), and which of them this machine can run. */
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { AppError } from '../../domain/errors.ts'

/** Relaxed SIMD has the fused multiply-add; plain SIMD runs everywhere. */
export type Instructions = 'relaxed-simd' | 'simd'

/** Memory of one thread, or memory that workers can share. */
export type Sharing = 'own' | 'shared'

export const buildFolder = fileURLToPath(new URL('./build/', import.meta.url))

/** tfjs's own binary with its memory declared as shared. */
export const sharedBackendFile = `${buildFolder}tfjs-backend-wasm-simd-shared.wasm`

export function kernelFile(instructions: Instructions, sharing: Sharing): string {
  return `${buildFolder}kernels-${instructions}-${sharing}.wasm`
}

/** The best compiled kernels that this machine can run. Throws `engine-unavailable` when they were never built. */
export function loadKernels(
  choice: 'best' | 'simd',
  sharing: Sharing,
): { module: WebAssembly.Module; instructions: Instructions } {
  const candidates: Instructions[] = choice === 'best' ? ['relaxed-simd', 'simd'] : ['simd']
  for (const instructions of candidates) {
    const bytes = readBuilt(kernelFile(instructions, sharing))
    if (WebAssembly.validate(bytes)) return { module: new WebAssembly.Module(bytes), instructions }
  }
  throw new AppError('engine-unavailable', 'This machine cannot run the fast kernels (WebAssembly SIMD is missing).')
}

function readBuilt(file: string): Uint8Array {
  if (!existsSync(file))
    throw new AppError('engine-unavailable', `The fast kernels were not built: ${file} is missing.`, {
      hint: 'Run: node core/compute/wasm/buildKernels.ts',
    })
  return readFileSync(file)
}

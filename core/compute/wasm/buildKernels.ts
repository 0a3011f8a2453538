/**
 * Compiles the kernels (AssemblyScript) for each set of instructions and kind of memory, and derives the shared-memory form of
 * tfjs's own binary. Does nothing when the build is up to date. Run: node core/compute/wasm/buildKernels.ts
 */
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { buildFolder, kernelFile, sharedBackendFile, type Instructions, type Sharing } from './kernelFiles.ts'
import { declareMemoryShared } from './sharedMemory.ts'

const sourceFolder = fileURLToPath(new URL('./kernels/', import.meta.url))
const stampFile = join(buildFolder, 'source.sha256')
const require = createRequire(import.meta.url)
const variants: [Instructions, Sharing][] = [
  ['relaxed-simd', 'own'],
  ['relaxed-simd', 'shared'],
  ['simd', 'own'],
  ['simd', 'shared'],
]

/** Builds what is out of date. Returns whether there was anything to do; throws one sentence with the compiler's words. */
export async function buildKernels(): Promise<boolean> {
  const stamp = sourceHash()
  const outputs = [...variants.map(([instructions, sharing]) => kernelFile(instructions, sharing)), sharedBackendFile]
  const current = outputs.every((file) => existsSync(file)) && existsSync(stampFile)
  if (current && readFileSync(stampFile, 'utf8') === stamp) return false
  mkdirSync(buildFolder, { recursive: true })
  writeWhole(sharedBackendFile, declareMemoryShared(readFileSync(stockBackendFile())))
  await Promise.all(variants.map(([instructions, sharing]) => compile(instructions, sharing)))
  writeWhole(stampFile, stamp)
  return true
}

/** Another process may be building or reading: a file appears whole or not at all. */
function writeWhole(file: string, contents: string | Uint8Array): void {
  const temporary = `${file}.${process.pid}`
  writeFileSync(temporary, contents)
  renameSync(temporary, file)
}

function stockBackendFile(): string {
  return join(dirname(require.resolve('@tensorflow/tfjs-backend-wasm')), 'tfjs-backend-wasm-simd.wasm')
}

/** Everything that the outputs depend on. */
function sourceHash(): string {
  const hash = createHash('sha256')
  const sources = readdirSync(sourceFolder).sort()
  for (const name of sources) hash.update(name).update(readFileSync(join(sourceFolder, name)))
  for (const file of ['./buildKernels.ts', './sharedMemory.ts'])
    hash.update(readFileSync(new URL(file, import.meta.url)))
  hash.update(readFileSync(stockBackendFile()))
  hash.update(readFileSync(join(compilerFolder(), 'package.json')))
  return hash.digest('hex')
}

function compilerFolder(): string {
  return dirname(dirname(fileURLToPath(import.meta.resolve('assemblyscript/asc'))))
}

async function compile(instructions: Instructions, sharing: Sharing): Promise<void> {
  const memory = ['--importMemory', '--initialMemory', '1']
  if (sharing === 'shared') memory.push('--enable', 'threads', '--sharedMemory', '--maximumMemory', '65536')
  const code = ['-O3', '--runtime', 'stub', '--noAssert', '--enable', instructions]
  const compiler = join(compilerFolder(), 'bin', 'asc.js')
  const source = join(sourceFolder, 'index.ts')
  const temporary = `${kernelFile(instructions, sharing)}.${process.pid}.wasm`
  try {
    await promisify(execFile)(process.execPath, [compiler, source, ...code, ...memory, '-o', temporary])
    renameSync(temporary, kernelFile(instructions, sharing))
  } catch (error) {
    const words = error instanceof Error && 'stderr' in error ? String(error.stderr) : String(error)
    throw new Error(`The kernels did not compile (${instructions}, ${sharing} memory): ${words.trim()}`, {
      cause: error,
    })
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    await buildKernels()
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
    process.exitCode = 1
  }
}

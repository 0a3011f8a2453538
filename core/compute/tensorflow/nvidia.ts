/** NVIDIA's driver, asked through its own tool; and the sentence that says how to get TensorFlow. */
import { spawnSync } from 'node:child_process'

export const tensorflowHint = 'Run "npm run engine:tensorflow" to bring it (add "-- --gpu" for an NVIDIA GPU).'

export interface NvidiaGpu {
  name: string
  driver: string
  memoryMegabytes: number
}

/** Empty where there is no NVIDIA GPU or its driver does not answer. */
export function listNvidiaGpus(): NvidiaGpu[] {
  const query = ['--query-gpu=name,driver_version,memory.total', '--format=csv,noheader,nounits']
  const { status, stdout } = spawnSync('nvidia-smi', query, { encoding: 'utf8', timeout: 10_000 })
  return status === 0 ? parseNvidiaGpus(stdout) : []
}

/** One line per GPU: "NVIDIA H200, 570.86.15, 143771". */
export function parseNvidiaGpus(lines: string): NvidiaGpu[] {
  return lines
    .split('\n')
    .map((line) => line.split(',').map((part) => part.trim()))
    .filter((parts) => parts.length === 3)
    .map(([name = '', driver = '', memory = '']) => ({ name, driver, memoryMegabytes: Number(memory) || 0 }))
}

export function hasNvidiaDriver(): boolean {
  return listNvidiaGpus().length > 0
}

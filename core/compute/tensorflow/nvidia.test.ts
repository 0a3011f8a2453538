import { expect, it } from 'vitest'
import { parseNvidiaGpus } from './nvidia.ts'

it('reads one GPU per line of what nvidia-smi prints', () => {
  expect(parseNvidiaGpus('NVIDIA H200, 570.86.15, 143771\nNVIDIA GeForce RTX 3060, 570.86.15, 12288\n')).toEqual([
    { name: 'NVIDIA H200', driver: '570.86.15', memoryMegabytes: 143771 },
    { name: 'NVIDIA GeForce RTX 3060', driver: '570.86.15', memoryMegabytes: 12288 },
  ])
})

it('takes memory that the driver does not tell as 0, and prose as no GPU', () => {
  expect(parseNvidiaGpus('NVIDIA GB10, 580.1, [N/A]')).toEqual([
    { name: 'NVIDIA GB10', driver: '580.1', memoryMegabytes: 0 },
  ])
  expect(parseNvidiaGpus('No devices were found\n')).toEqual([])
})

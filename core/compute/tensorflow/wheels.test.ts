import { expect, it } from 'vitest'
import { tensorflowVersion } from './engineFolder.ts'
import { engineParts, readWheelName } from './wheels.ts'

it('reads the requirement and the platforms from a file name', () => {
  expect(readWheelName('nvidia_cufft_cu12-11.4.1.4-py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64.whl')).toEqual({
    requirement: 'nvidia_cufft_cu12==11.4.1.4',
    platforms: ['manylinux2014_x86_64', 'manylinux_2_17_x86_64'],
  })
  expect(() => readWheelName('tensorflow.tar.gz')).toThrow('tensorflow.tar.gz')
})

it('pins every wheel by a whole SHA-256, TensorFlow first and at the version of the folder', () => {
  for (const [system, build] of [
    ['linux-x64', 'cpu'],
    ['linux-x64', 'gpu'],
    ['linux-arm64', 'cpu'],
    ['darwin-arm64', 'cpu'],
  ] as const) {
    const { wheels } = engineParts(system, build)!
    for (const { file, sha256 } of wheels) {
      expect(sha256).toMatch(/^[0-9a-f]{64}$/)
      expect(readWheelName(file).platforms.length).toBeGreaterThan(0)
    }
    expect(wheels[0]!.file).toMatch(new RegExp(`^tensorflow(_cpu)?-${tensorflowVersion}-`))
    expect(new Set(wheels.map(({ sha256 }) => sha256)).size).toBe(wheels.length)
  }
})

it('brings every CUDA library that TensorFlow asks for', () => {
  const names = engineParts('linux-x64', 'gpu')!.wheels.map(({ file }) => file.split('-')[0])
  const libraries =
    'cublas cuda_cupti cuda_nvcc cuda_nvrtc cuda_runtime cudnn cufft curand cusolver cusparse nccl nvjitlink'
  expect(names).toEqual(['tensorflow', ...libraries.split(' ').map((library) => `nvidia_${library}_cu12`)])
})

it('knows where there is nothing to bring', () => {
  expect(engineParts('win32-x64', 'cpu')).toBeUndefined()
  expect(engineParts('linux-arm64', 'gpu')).toBeUndefined()
})

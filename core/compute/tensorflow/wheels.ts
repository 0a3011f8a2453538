/**
 * Which files the native engine is made of, per platform: TensorFlow's own Python wheels, of which only the C libraries and headers
 * are used, and for a GPU the NVIDIA wheels that TensorFlow names in its extra `and-cuda`. Each is pinned by its SHA-256; `pip`
 * finds the file by the tags in its name, wherever the person's own configuration tells it to look.
 */
import type { TensorflowBuild } from './engineFolder.ts'

export interface Wheel {
  file: string
  sha256: string
}

export interface EngineParts {
  wheels: Wheel[]
  /** Disk that the work takes at its height: wheels and what is unpacked of them. */
  diskMegabytes: number
  /** What comes over the network, roughly. */
  downloadMegabytes: number
}

/** The Python that the wheels' tags name. The person's own version does not matter: nothing of Python is used. */
export const pythonTag = { version: '3.12', abi: 'cp312' }

const engines: Partial<Record<string, EngineParts>> = {
  'linux-x64-cpu': {
    wheels: [
      {
        file: 'tensorflow_cpu-2.21.0-cp312-cp312-manylinux_2_27_x86_64.whl',
        sha256: 'dcc8afd32930e42d5296b6ee19078b773706830af4ea97fbe503b9f5e0f820cb',
      },
    ],
    diskMegabytes: 1_400,
    downloadMegabytes: 274,
  },
  'linux-x64-gpu': {
    wheels: [
      {
        file: 'tensorflow-2.21.0-cp312-cp312-manylinux_2_27_x86_64.whl',
        sha256: 'b3b95643c4e70eb925839938fb35cbe142f317ec84af6844ee61513713bb13c0',
      },
      {
        file: 'nvidia_cublas_cu12-12.9.3.13-py3-none-manylinux_2_27_x86_64.whl',
        sha256: 'd7d51055f161b317c7105ddaae90e71eda059026074ffef93cf7cde2886bfe72',
      },
      {
        file: 'nvidia_cuda_cupti_cu12-12.9.79-py3-none-manylinux_2_25_x86_64.whl',
        sha256: '096bcf334f13e1984ba36685ad4c1d6347db214de03dbb6eebb237b41d9d934f',
      },
      {
        file: 'nvidia_cuda_nvcc_cu12-12.9.86-py3-none-manylinux2010_x86_64.manylinux_2_12_x86_64.whl',
        sha256: '5d6a0d32fdc7ea39917c20065614ae93add6f577d840233237ff08e9a38f58f0',
      },
      {
        file: 'nvidia_cuda_nvrtc_cu12-12.9.86-py3-none-manylinux2010_x86_64.manylinux_2_12_x86_64.whl',
        sha256: '210cf05005a447e29214e9ce50851e83fc5f4358df8b453155d5e1918094dcb4',
      },
      {
        file: 'nvidia_cuda_runtime_cu12-12.9.79-py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64.whl',
        sha256: '25bba2dfb01d48a9b59ca474a1ac43c6ebf7011f1b0b8cc44f54eb6ac48a96c3',
      },
      {
        file: 'nvidia_cudnn_cu12-9.28.0.42-py3-none-manylinux_2_27_x86_64.whl',
        sha256: '9ff58b7f36dacd0a93e89f8f2957b52466889217963701daa15e577317cfa375',
      },
      {
        file: 'nvidia_cufft_cu12-11.4.1.4-py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64.whl',
        sha256: 'c67884f2a7d276b4b80eb56a79322a95df592ae5e765cf1243693365ccab4e28',
      },
      {
        file: 'nvidia_curand_cu12-10.3.10.19-py3-none-manylinux_2_27_x86_64.whl',
        sha256: '49b274db4780d421bd2ccd362e1415c13887c53c214f0d4b761752b8f9f6aa1e',
      },
      {
        file: 'nvidia_cusolver_cu12-11.7.5.82-py3-none-manylinux_2_27_x86_64.whl',
        sha256: '15da72d1340d29b5b3cf3fd100e3cd53421dde36002eda6ed93811af63c40d88',
      },
      {
        file: 'nvidia_cusparse_cu12-12.5.10.65-py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64.whl',
        sha256: '73060ce019ac064a057267c585bf1fd5a353734151f87472ff02b2c5c9984e78',
      },
      {
        file: 'nvidia_nccl_cu12-2.32.3-py3-none-manylinux_2_27_x86_64.whl',
        sha256: 'bb94b2348e4861d5e8aa00b36c3d12d9bdf9c6369b82cbb723de0b582280a21c',
      },
      {
        file: 'nvidia_nvjitlink_cu12-12.9.86-py3-none-manylinux2010_x86_64.manylinux_2_12_x86_64.whl',
        sha256: 'e3f1171dbdc83c5932a45f0f4c99180a70de9bd2718c1ab77d14104f6d7147f9',
      },
    ],
    diskMegabytes: 11_000,
    downloadMegabytes: 3_600,
  },
  'linux-arm64-cpu': {
    wheels: [
      {
        file: 'tensorflow-2.21.0-cp312-cp312-manylinux_2_27_aarch64.whl',
        sha256: 'b07d15737406533898e36c7ef7944b1be18e9028dc521b9229952c537bbc5552',
      },
    ],
    diskMegabytes: 1_600,
    downloadMegabytes: 300,
  },
  'darwin-arm64-cpu': {
    wheels: [
      {
        file: 'tensorflow-2.21.0-cp312-cp312-macosx_12_0_arm64.whl',
        sha256: '56ecd7d47429acbe1df2694d50b75bf9fc3995ac92cb367cd9af6c4780ead712',
      },
    ],
    diskMegabytes: 1_600,
    downloadMegabytes: 300,
  },
}

/** `system` is "linux-x64" and the like. Undefined where TensorFlow is not published in a form that this program can use. */
export function engineParts(system: string, build: TensorflowBuild): EngineParts | undefined {
  return engines[`${system}-${build}`]
}

/** `name==version` and the platform tags of a wheel, read from its file name. */
export function readWheelName(file: string): { requirement: string; platforms: string[] } {
  const parts = file.replace(/\.whl$/, '').split('-')
  const [name, version, , , platforms] = parts
  if (parts.length !== 5 || !name || !version || !platforms) throw new RangeError(`not a wheel's file name: ${file}`)
  return { requirement: `${name}==${version}`, platforms: platforms.split('.') }
}

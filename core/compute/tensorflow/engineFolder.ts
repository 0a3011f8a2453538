/**
 * Where the native TensorFlow engine lives: the user's own cache folder, so that reinstalling the program's packages does not
 * erase a gigabyte. The folder keeps the layout of TensorFlow's wheel (tensorflow/ beside nvidia/), because its libraries find
 * NVIDIA's by a path relative to themselves.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { tandemHome } from '../tandemHome.ts'
import { hasNvidiaDriver } from './nvidia.ts'

export type TensorflowBuild = 'cpu' | 'gpu'

export const tensorflowVersion = '2.21.0'

export function tensorflowFolder(build: TensorflowBuild, home: string = tandemHome()): string {
  return join(home, 'engines', `tensorflow-${tensorflowVersion}-${build}`)
}

/** Node's binding inside an engine folder, beside the libraries that it is linked to. */
export function bindingPath(folder: string): string {
  return join(folder, 'tensorflow', 'tfjs_binding.node')
}

/** The addon of quiet.cc. */
export function quietPath(folder: string): string {
  return join(folder, 'tensorflow', 'quiet.node')
}

/** Written last: its presence says that the folder is whole and was verified. */
export function manifestPath(folder: string): string {
  return join(folder, 'engine.json')
}

export function hasTensorflow(build: TensorflowBuild, home: string = tandemHome()): boolean {
  const folder = tensorflowFolder(build, home)
  return existsSync(manifestPath(folder)) && existsSync(bindingPath(folder))
}

/** The builds that are here, the one that suits this machine first. */
export function listBuilds(
  has: (build: TensorflowBuild) => boolean = hasTensorflow,
  hasDriver: () => boolean = hasNvidiaDriver,
): TensorflowBuild[] {
  const builds: TensorflowBuild[] = has('gpu') && hasDriver() ? ['gpu', 'cpu'] : ['cpu', 'gpu']
  return builds.filter((build) => has(build))
}

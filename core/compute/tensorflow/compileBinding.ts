/**
 * Compiles TensorFlow.js's own binding between Node and TensorFlow's C library (two C++ files that its package carries), and our
 * small addon that keeps TensorFlow's notices off the terminal.
 */
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { AppError } from '../../domain/errors.ts'
import { bindingPath, quietPath } from './engineFolder.ts'
import type { RunCommand } from './runCommand.ts'

/** The command of a C++ compiler: the person's own choice in CXX first. */
export async function findCompiler(run: RunCommand, wanted: string | undefined = process.env['CXX']): Promise<string> {
  for (const compiler of [...(wanted ? [wanted] : []), 'c++', 'g++', 'clang++']) {
    if ((await run(compiler, ['--version'])).status === 0) return compiler
  }
  throw new AppError(
    'engine-unavailable',
    'A C++ compiler is needed for the bridge between Node and TensorFlow, and none was found.',
    {
      hint: 'Install one (Debian and Ubuntu: "apt install g++"; macOS: "xcode-select --install") and run this again.',
    },
  )
}

/** The folder of node_api.h: the npm package that carries it, or what came with Node. */
export function findNodeHeaders(): string {
  const folders = [
    ...resolveFolder('node-api-headers/include/node_api.h'),
    join(dirname(dirname(process.execPath)), 'include', 'node'),
    '/usr/include/node',
    '/usr/local/include/node',
  ]
  const folder = folders.find((candidate) => existsSync(join(candidate, 'node_api.h')))
  if (folder) return folder
  throw new AppError('engine-unavailable', "Node's C headers (node_api.h) were not found.", {
    hint: 'Run "npm install" in the program\'s folder, which brings them, and run this again.',
  })
}

function resolveFolder(file: string): string[] {
  try {
    return [dirname(createRequire(import.meta.url).resolve(file))]
  } catch {
    return []
  }
}

interface Tools {
  compiler: string
  headers: string
  run: RunCommand
}

/** @param folder an engine folder with TensorFlow's libraries and headers unpacked in it */
export async function compileBinding(folder: string, tools: Tools): Promise<void> {
  const source = bindingSource()
  const libraries = join(folder, 'tensorflow')
  await compile(tools, bindingPath(folder), [
    ...[`-I${dirname(source)}`, `-I${join(libraries, 'include')}`, '-DNODE_GYP_MODULE_NAME=tfjs_binding'],
    ...[join(source, 'tfjs_backend.cc'), join(source, 'tfjs_binding.cc'), `-L${libraries}`],
    ...(process.platform === 'darwin'
      ? ['-ltensorflow_cc.2', '-ltensorflow_framework.2', '-Wl,-rpath,@loader_path']
      : ['-l:libtensorflow_cc.so.2', '-l:libtensorflow_framework.so.2', '-Wl,-rpath,$ORIGIN']),
  ])
  await compile(tools, quietPath(folder), [
    '-DNODE_GYP_MODULE_NAME=quiet',
    fileURLToPath(new URL('./quiet.cc', import.meta.url)),
  ])
}

function bindingSource(): string {
  const [source] = resolveFolder('@tensorflow/tfjs-node-gpu/binding/tfjs_binding.cc')
  if (source) return source
  throw new AppError(
    'engine-unavailable',
    'The package @tensorflow/tfjs-node-gpu, which carries the bridge, is not installed.',
    {
      hint: 'Run "npm install --no-save --ignore-scripts @tensorflow/tfjs-node-gpu@4.22.0" and then this again.',
    },
  )
}

async function compile({ compiler, headers, run }: Tools, target: string, parameters: string[]): Promise<void> {
  // Node itself supplies the functions of node_api.h when it loads the result.
  const undefinedAllowed =
    process.platform === 'darwin' ? '-Wl,-undefined,dynamic_lookup' : '-Wl,--unresolved-symbols=ignore-all'
  const result = await run(compiler, [
    ...['-std=c++17', '-O2', '-shared', '-fPIC', '-DNAPI_VERSION=8', '-DBUILDING_NODE_EXTENSION', `-I${headers}`],
    ...[...parameters, undefinedAllowed, '-o', target],
  ])
  if (result.status !== 0) {
    const line =
      result.output.split('\n').find((text) => /error/i.test(text)) ?? result.output.trim().split('\n').at(-1)
    throw new AppError(
      'engine-unavailable',
      `The bridge between Node and TensorFlow could not be compiled: ${line?.trim()}`,
      {
        hint: 'A compiler that knows C++17 is needed (g++ 9 or newer, clang 10 or newer). Nothing was installed.',
      },
    )
  }
}

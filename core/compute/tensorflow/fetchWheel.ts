/** Wheels through pip: fetched by their pinned hash, unpacked as far as the engine needs them. */
import { createHash } from 'node:crypto'
import { createReadStream, existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { AppError } from '../../domain/errors.ts'
import type { CommandResult, RunCommand } from './runCommand.ts'
import { pythonTag, readWheelName, type Wheel } from './wheels.ts'

/** The command of a Python 3 that has pip. */
export async function findPython(run: RunCommand): Promise<string> {
  for (const python of ['python3', 'python']) {
    if ((await run(python, ['-m', 'pip', '--version'])).status === 0) return python
  }
  throw new AppError(
    'engine-unavailable',
    'TensorFlow is fetched with Python 3 and its pip, and they were not found.',
    {
      hint: 'Install them (Debian and Ubuntu: "apt install python3-pip"; macOS: "xcode-select --install") and run this again.',
    },
  )
}

interface FetchPlace {
  python: string
  /** Where whole wheels wait, across attempts. */
  wheelFolder: string
  work: string
  run: RunCommand
}

/** The path of the wheel, which is whole and the pinned one. */
export async function fetchWheel(wheel: Wheel, { python, wheelFolder, work, run }: FetchPlace): Promise<string> {
  const file = join(wheelFolder, wheel.file)
  if (existsSync(file) && (await hashFile(file)) === wheel.sha256) return file
  const { requirement, platforms } = readWheelName(wheel.file)
  // pip writes here first: what came only in part goes when this folder goes.
  const temporary = join(work, 'temporary')
  const requirements = join(temporary, 'requirements.txt')
  await mkdir(wheelFolder, { recursive: true })
  await mkdir(temporary, { recursive: true })
  await writeFile(requirements, `${requirement} --hash=sha256:${wheel.sha256}\n`)
  const result = await run(
    python,
    [
      ...[
        '-m',
        'pip',
        'download',
        '--disable-pip-version-check',
        '--no-input',
        '--no-cache-dir',
        '--progress-bar',
        'off',
      ],
      ...['--no-deps', '--only-binary=:all:', '--require-hashes', '--requirement', requirements],
      // Named in full, so that the person's own Python plays no part.
      ...['--implementation', 'cp', '--python-version', pythonTag.version, '--abi', pythonTag.abi],
      ...platforms.flatMap((platform) => ['--platform', platform]),
      ...['--dest', wheelFolder],
    ],
    { env: { TMPDIR: temporary } },
  )
  if (result.status !== 0 || !existsSync(file)) throw explainPip(wheel, result)
  return file
}

function explainPip(wheel: Wheel, { output }: CommandResult): AppError {
  if (/do not match the hashes|hash.*mismatch/i.test(output)) {
    return new AppError(
      'engine-unavailable',
      `${wheel.file} is not the file that this program expects; it was not used.`,
      {
        hint: 'The package index or something on the way to it serves other bytes. Nothing was installed.',
      },
    )
  }
  if (/no space left|disk quota/i.test(output)) {
    return new AppError('storage-failed', `The disk is full: ${wheel.file} could not be stored.`, {
      hint: 'Free some space, or set TANDEM_HOME to a folder on a larger disk.',
    })
  }
  return new AppError('engine-unavailable', `pip could not fetch ${wheel.file}: ${lastLine(output)}`, {
    hint: 'Check the network and pip\'s configuration ("python3 -m pip config list") and run this again.',
  })
}

/** Libraries, the headers that the binding includes, what NVIDIA's compiler needs at run time, and every licence. */
const neededMembers =
  '^(tensorflow/libtensorflow_(cc|framework)[.].*' +
  '|tensorflow/include/(tensorflow/c|tensorflow/core/platform|tsl/platform|xla/tsl/c)/.*[.]h' +
  '|nvidia/[^/]+/(lib|bin|nvvm)/(?!.*[.]a$).*' +
  '|.*[.]dist-info/(licenses/)?(LICENSE|License|NOTICE)[^/]*' +
  '|tensorflow/THIRD_PARTY_NOTICES[.]txt)$'

const unpackScript = `
import os, re, sys, zipfile
wheel, folder, needed = sys.argv[1:]
with zipfile.ZipFile(wheel) as archive:
    for member in archive.infolist():
        if re.match(needed, member.filename) and not member.is_dir():
            path = archive.extract(member, folder)
            mode = member.external_attr >> 16
            if mode & 0o100: os.chmod(path, 0o755)
`

export async function unpackWheel(
  file: string,
  place: { python: string; work: string; run: RunCommand },
): Promise<void> {
  const result = await place.run(place.python, ['-c', unpackScript, file, place.work, neededMembers])
  if (result.status === 0) return
  if (/no space left|disk quota/i.test(result.output)) {
    throw new AppError('storage-failed', 'The disk is full: TensorFlow could not be unpacked.', {
      hint: 'Free some space, or set TANDEM_HOME to a folder on a larger disk.',
    })
  }
  throw new AppError('engine-unavailable', `${file} could not be unpacked: ${lastLine(result.output)}`)
}

async function hashFile(file: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer)
  return hash.digest('hex')
}

function lastLine(output: string): string {
  return output.trim().split('\n').at(-1)?.trim() || 'it gave no reason'
}

/** One worker thread of the team: sleeps until a call is opened, joins it, takes items. */
import { parentPort, workerData } from 'node:worker_threads'
import { instantiateKernels } from './instantiateKernels.ts'
import { openControl, takeItems, word } from './threadControl.ts'
import type { WorkerStart } from './threadTeam.ts'

/** Looks this often before it sleeps: the next call mostly follows within microseconds. */
const LOOKS = 20_000

const start: WorkerStart = workerData
const control = openControl(start.control)
const { words } = control
const kernels = instantiateKernels(start.module, start.memory)
parentPort?.postMessage('ready')

let seen = 0
while (Atomics.load(words, word.stopped) === 0) {
  let looks = 0
  while (Atomics.load(words, word.generation) === seen && looks < LOOKS) looks++
  if (looks === LOOKS) Atomics.wait(words, word.generation, seen)
  seen = Atomics.load(words, word.generation)
  join()
}

function join(): void {
  Atomics.add(words, word.active, 1)
  try {
    // Only now is it certain that the call stays as it is until we leave.
    if (Atomics.load(words, word.open) === 1) takeItems(control, kernels.list[words[word.kernel]], start.thread)
  } catch {
    Atomics.store(words, word.failed, 1)
  } finally {
    if (Atomics.sub(words, word.active, 1) === 1) Atomics.notify(words, word.active)
  }
}

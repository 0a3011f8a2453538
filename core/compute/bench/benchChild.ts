/**
 * The program that the bench starts once per engine, number of threads and work. It prints one line of JSON when it is warm (`Ready`) and one
 * for every line it is sent (`Answer`), each of which is a time in milliseconds to go on measuring for.
 */
import { createInterface } from 'node:readline'
import { openCandidate, type EngineCandidate } from '../openCandidate.ts'
import { openWasm } from '../wasm/openWasm.ts'
import type { Answer, Ready } from './contestant.ts'
import { prepareWork, type PreparedWork } from './prepareWork.ts'
import { findWork } from './works.ts'

export interface ChildOrder {
  readonly candidate: EngineCandidate | 'stock'
  readonly work: string
}

const order: ChildOrder = JSON.parse(process.argv[2] ?? '{}')

async function open({ candidate }: ChildOrder): Promise<{ threads: number; detail: string }> {
  if (candidate !== 'stock') return (await openCandidate(candidate)).engine
  const { threads } = await openWasm({ kernels: 'stock', threads: 1 })
  return { threads, detail: "processor, TensorFlow.js's own kernels, 1 thread" }
}

async function timeRun(prepared: PreparedWork): Promise<number> {
  const started = performance.now()
  await prepared.run()
  return (performance.now() - started) / prepared.steps
}

function say(line: Ready | Answer | { failed: string }): void {
  process.stdout.write(JSON.stringify(line) + '\n')
}

try {
  const { threads, detail } = await open(order)
  const baseline = process.memoryUsage.rss()
  // resourceUsage() counts in kilobytes of 1024 bytes.
  const peakMegabytes = () => Math.max(0, process.resourceUsage().maxRSS * 1024 - baseline) / 1e6
  const prepared = prepareWork(findWork(order.work))
  const milliseconds = await timeRun(prepared)
  say({ threads, detail, milliseconds, peakMegabytes: peakMegabytes() })
  for await (const line of createInterface({ input: process.stdin })) {
    const until = performance.now() + Number(line)
    let best = Number.POSITIVE_INFINITY
    let runs = 0
    do {
      best = Math.min(best, await timeRun(prepared))
      runs++
    } while (performance.now() < until)
    say({ milliseconds: best, runs, peakMegabytes: peakMegabytes() })
  }
  // Nobody asks any more; threads and devices would still hold the process.
  process.exit()
} catch (error) {
  say({ failed: error instanceof Error ? error.message : String(error) })
}

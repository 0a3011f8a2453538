import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, watch, writeFileSync } from 'node:fs'
import { basename } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { loadModel } from '../../studio/models.ts'
import { makeClasses, makePairs, tensorDigests } from '../../studio/testing.ts'
import { createPlace, onWasm, start, succeed, tandem, tiny } from './testing.ts'

const { folder, path } = createPlace()
const classes = path('classes')
const pairs = path('pairs')

beforeAll(() => Promise.all([makeClasses(classes, ['a', 'b']), makePairs(pairs)]))
afterAll(() => rmSync(folder, { recursive: true }))

/** Stops a run in the middle of one of its first steps. @returns the step it had come to */
async function stop(args: readonly string[]): Promise<number> {
  const running = start([...args, '--json'])
  await running.said('  step ')
  running.send('SIGINT')
  const { code, stdout } = await running.ended
  expect(code).toBe(130)
  return (JSON.parse(stdout) as { step: number }).step
}

/** Kills a run in the middle of one of its first steps. */
async function kill(args: readonly string[]): Promise<void> {
  const running = start(args)
  await running.said('  step ')
  running.send('SIGKILL')
  expect((await running.ended).code).toBeNull()
}

async function stepOf(file: string): Promise<number> {
  return (await loadModel(file)).manifest.position.step
}

/** A long run that is stopped, goes on and is killed, and comes to its end at last. @returns its steps */
async function runInPieces(order: readonly string[], out: string): Promise<number> {
  const stopped = await stop([...order, '--out', out, '--steps-total', '1000000'])
  await kill(['resume', out, ...onWasm])
  const steps = stopped + 3
  const { stdout } = await succeed(['resume', out, ...onWasm, '--steps-total', String(steps)])
  expect(stdout).toContain(`Going on at step ${stopped}.`)
  return steps
}

describe('a run in pieces', () => {
  it.concurrent.each([
    [
      'class',
      [
        'train',
        classes,
        ...tiny,
        '--set',
        'chain.noise=on',
        '--set',
        'learning.labelDropout=0.2',
        '--set',
        'learning.decay=none',
      ],
    ],
    ['picture', ['train', pairs, ...tiny, '--size', '32', '--set', 'learning.prelude.share=0']],
  ])('equals the run without a break to the last bit (%s)', { timeout: 120_000 }, async (task, order) => {
    const [pieces, whole] = [path(`${task}-pieces`), path(`${task}-whole`)]
    const steps = await runInPieces(order, pieces)
    await succeed([...order, '--out', whole, '--steps-total', String(steps)])
    const [expected, found] = await Promise.all([loadModel(whole), loadModel(pieces)])
    expect(found.manifest.position).toEqual({ ...expected.manifest.position, elapsedMs: expect.any(Number) })
    expect(found.manifest.state).toEqual(expected.manifest.state)
    expect(found.manifest.best).toEqual(expected.manifest.best)
    const strip = (points: readonly { elapsedMs: number }[]) => points.map((point) => ({ ...point, elapsedMs: 0 }))
    expect(strip(found.manifest.metrics)).toEqual(strip(expected.manifest.metrics))
    expect(await tensorDigests(pieces)).toEqual(await tensorDigests(whole))
  })
})

describe('stopping', () => {
  it('tells programs that it was cancelled, in one JSON value; progress goes to stderr', async () => {
    const running = start(['train', classes, ...tiny, '--out', path('json'), '--steps-total', '1000000', '--json'])
    await running.said('  step ')
    running.send('SIGTERM')
    const { code, stdout, stderr } = await running.ended
    expect(code).toBe(130)
    expect(JSON.parse(stdout)).toMatchObject({ kind: 'cancelled', file: path('json') })
    expect(stderr).toContain('Recipe quick, class, 28x28')
    expect(stderr).not.toContain('\u001b')
  })

  it('ends at once when asked twice, and keeps what was saved', async () => {
    const running = start(['train', classes, ...tiny, '--out', path('twice'), '--steps-total', '1000000'])
    await running.said('  step ')
    running.send('SIGINT')
    await running.said('Stopping. Once more to stop at once.')
    running.send('SIGINT')
    expect((await running.ended).code).toBe(130)
    expect(await stepOf(path('twice'))).toBeGreaterThanOrEqual(0)
  })

  it('cancels a drawing with exit 130 and one JSON value', async () => {
    await succeed(['train', classes, ...tiny, '--out', path('drawn'), '--steps-total', '1'])
    const sheet = path('never.png')
    const args = ['sample', path('drawn'), ...onWasm, '--steps', '100000', '--beyond', '--out', sheet, '--json']
    const running = start(args)
    await running.said('Drawing with')
    running.send('SIGINT')
    const ended = await running.ended
    expect(ended.code).toBe(130)
    expect(JSON.parse(ended.stdout)).toEqual({ error: { code: 'cancelled', message: 'Cancelled.' } })
    expect(readdirSync(folder)).not.toContain(basename(sheet))
  })

  it('leaves a whole model behind when it is killed while it saves', async () => {
    const out = path('saving/model.safetensors')
    mkdirSync(path('saving'))
    await succeed(['train', pairs, ...tiny, '--size', '32', '--out', out, '--steps-total', '2'])
    const before = await tensorDigests(out)
    const watcher = watch(path('saving'))
    const partSeen = new Promise<void>((resolve) => {
      watcher.on('change', (_, name) => {
        if (String(name).startsWith('.tandem-')) resolve()
      })
    })
    const running = start(['resume', out, ...onWasm, '--steps-total', '100000'])
    await partSeen
    running.send('SIGKILL')
    await running.ended
    watcher.close()
    expect(await tensorDigests(out)).toEqual(before)
  })
})

describe('a folder of few pictures', () => {
  it('learns without choosing among its weights, and says so once', async () => {
    await makeClasses(path('few'), ['a', 'b'], 4)
    const { stdout } = await succeed(['train', path('few'), ...tiny, '--out', path('few-model'), '--steps-total', '1'])
    expect(stdout.match(/Too few pictures are held out \(1\) to choose the best weights by/g)).toHaveLength(1)
    expect(stdout).toContain('Finished: 1 step in')
    const { manifest, best } = await loadModel(path('few-model'))
    expect([manifest.position.step, manifest.chosenOn, best]).toEqual([1, null, undefined])
    const { code, stderr } = await tandem(['evaluate', path('few-model'), ...onWasm, '--out', path('few-report')])
    expect(code).toBe(1)
    expect(stderr).toContain('Too few pictures are held out to measure a class model by (1).')
  })
})

describe('going on', () => {
  const model = path('going.safetensors')
  beforeAll(() => succeed(['train', 'classes', ...tiny, '--out', model, '--steps-total', '2'], { cwd: folder }))

  it('finds the pictures from any folder', async () => {
    const { stdout } = await succeed(['resume', model, ...onWasm, '--steps-total', '3', '--out', path('further')], {
      cwd: '/',
    })
    expect(stdout).toContain('Going on at step 2.')
    expect(await stepOf(path('further'))).toBe(3)
    expect(await stepOf(model)).toBe(2)
  })

  it('says so when there is nothing left to do', async () => {
    const { stdout } = await succeed(['resume', model, ...onWasm])
    expect(stdout).toContain('It has reached its length; to go on, give --minutes, --steps-total or --epochs.')
  })

  it('refuses other pictures, fewer pictures and weights alone, and leaves the model as it is', async () => {
    const bytes = readFileSync(model)
    await makeClasses(path('fewer'), ['a', 'b'], 9)
    await makeClasses(path('renamed'), ['a', 'z'])
    await succeed(['export', model, path('weights')])
    for (const [args, code, sentence] of [
      [['--data', path('fewer')], 1, 'The training saw'],
      [['--data', path('renamed')], 1, 'has other pictures (or names of classes) than the training saw'],
      [['--data', path('gone')], 1, 'There is no folder'],
    ] as const) {
      const ending = await tandem(['resume', model, ...onWasm, ...args, '--steps-total', '3'])
      expect(ending.code).toBe(code)
      expect(ending.stderr).toContain(sentence)
    }
    const weights = await tandem(['resume', path('weights'), ...onWasm])
    expect(weights.code).toBe(2)
    expect(weights.stderr).toContain('holds the weights alone')
    expect(readFileSync(model).equals(bytes)).toBe(true)
  })
})

describe('a run that diverges', () => {
  it('rolls back, says so, ends as diverged, and keeps a model that works', async () => {
    const out = path('diverged')
    const wild = ['--set', 'learning.solverRate=0.1', '--set', 'chain.bound=0', '--set', 'chain.stepSize=1']
    const { code, stdout, stderr } = await tandem([
      'train',
      classes,
      ...tiny,
      ...wild,
      '--out',
      out,
      '--steps-total',
      '9',
      '--json',
    ])
    expect(code).toBe(1)
    expect(stderr).toContain("Rolled back to step 0, halved the solver's rate and drew new random numbers.")
    const { error } = JSON.parse(stdout) as { error: { code: string; message: string; hint: string } }
    expect(error.code).toBe('diverged')
    expect(error.message).toMatch(/^The run diverged 7 times; at step 1 /)
    expect(error.hint).toContain(`Saved as ${out}.`)
    const { manifest } = await loadModel(out)
    expect(manifest.log).toHaveLength(6)
    await succeed(['sample', out, ...onWasm, '--steps', '0', '--count', '1', '--out', path('diverged.png')])
  })
})

describe('a place that cannot be written', () => {
  it.concurrent.each([
    ['a folder that is not there', path('nowhere/model'), 'its folder does not exist'],
    ['a file instead of a folder', path('classes/a/0.png/model'), 'its folder does not exist'],
    ['a folder with that name', classes, 'a folder has that name'],
    ['a system folder', '/proc/model', 'could not be saved'],
  ])('%s: exit 1 and one sentence before the work', async (_, out, sentence) => {
    const { code, stderr, stdout } = await tandem(['train', classes, ...tiny, '--out', out, '--steps-total', '2'])
    expect(code).toBe(1)
    expect(stderr).toContain(sentence)
    expect(stdout).not.toContain('step 1')
  })

  it('a disk that fills up: the earlier model is untouched', async () => {
    const disk = path('disk')
    mkdirSync(disk)
    const small = path('small.safetensors')
    await succeed(['train', classes, ...tiny, '--out', small, '--steps-total', '1'])
    const size = Math.ceil((1.5 * statSync(small).size) / 4096) * 4096
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', disk], { stdio: 'ignore' })
    } catch {
      console.info(
        'not run: a full disk needs the right to mount one (core/storage/atomicFile.test.ts lets a made-up disk fill)',
      )
      return
    }
    try {
      const out = `${disk}/model.safetensors`
      writeFileSync(out, readFileSync(small))
      const { code, stderr } = await tandem(['resume', out, ...onWasm, '--steps-total', '9', '--data', classes])
      expect(code).toBe(1)
      expect(stderr).toContain(
        'model.safetensors could not be saved because the disk is full; what was there before is untouched.',
      )
      expect(readdirSync(disk)).toEqual(['model.safetensors'])
      expect(await tensorDigests(out)).toEqual(await tensorDigests(small))
    } finally {
      execFileSync('umount', [disk])
    }
  })
})

/** Drawing with runs of a project by real processes: the same as with their model files. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  flat,
  makeClasses,
  makePairs,
  makePhotos,
  png,
  readPicture,
  readPngText,
  writeFiles,
} from '../../../studio/testing.ts'
import { onWasm, start, succeed, tandem, tellingOf, tiny } from '../testing.ts'
import { createProjectPlace } from './testing.ts'

const { folder, path, at, fill } = createProjectPlace()
const inP = ['--project', 'P.tandem']
const tasks = ['class', 'picture', 'inpaint']

beforeAll(async () => {
  await Promise.all([
    makeClasses(path('class'), ['vase', 'bowl', 'cup']),
    makePairs(path('picture')),
    makePhotos(path('inpaint')),
  ])
  const mask = flat(32, 32, [0])
  writeFiles(folder, {
    'a.png': await png(flat(32, 32, [255, 255, 255])),
    'b.png': await png(flat(48, 40, [40])),
    'mask.png': await png({ ...mask, data: mask.data.map((_, at) => (at % 32 >= 16 ? 255 : 0)) }),
  })
  await Promise.all(
    tasks.map((task) => {
      const more = task === 'class' ? ['--set', 'learning.labelDropout=0.2'] : ['--size', '32']
      return succeed(['train', task, ...tiny, ...more, '--steps-total', '2', '--out', `${task}.safetensors`], at)
    }),
  )
  await fill('P.tandem', { data: ['picture'], models: tasks.map((task) => `${task}.safetensors`) })
})
afterAll(() => rmSync(folder, { recursive: true }))

interface Telling {
  readonly files: string[]
  readonly gain: number[]
}

describe('a drawing', { timeout: 120_000 }, () => {
  it.each([
    ['labels', 'class', ['sample', '--labels', 'bowl,cup', '--count', '3', '--seed', '4']],
    [
      'a way',
      'class',
      ['sample', '--labels', 'cup,vase', '--between', '3', '--count', '2', '--noise', '--guidance', '2'],
    ],
    ['a style', 'class', ['infer', 'class/cup/3.png', '--inference-steps', '2']],
    ['sketches of photos', 'picture', ['translate', 'inpaint/2.png', 'b.png', '--edges', '--count', '2']],
    ['a way between sketches', 'picture', ['interpolate', 'a.png', 'b.png', '--count', '3']],
    ['a hole', 'inpaint', ['inpaint', 'inpaint/2.png', 'mask.png', '--count', '2']],
  ] as const)('with a run is that with its model file (%s)', async (name, task, [command, ...args]) => {
    const draw = async (model: string, where: string, more: readonly string[]) => {
      const places = ['--out', `${where}.png`, '--pictures', where, '--json']
      return tellingOf<Telling>(await succeed([command, model, ...args, ...more, ...onWasm, ...places], at))
    }
    const [run, model] = await Promise.all([
      draw(task, `${name} of a run`, inP),
      draw(`${task}.safetensors`, `${name} of a model`, []),
    ])
    expect({ ...run, files: [] }).toEqual({ ...model, files: [] })
    expect(run.files).toHaveLength(model.files.length)
    for (const [index, file] of run.files.entries()) {
      const [one, other] = await Promise.all([readPicture(path(file)), readPicture(path(model.files[index]))])
      expect(one).toEqual(other)
      const text = readPngText(readFileSync(path(file)))
      expect(text).toEqual({
        ...readPngText(readFileSync(path(model.files[index]))),
        ...(index > 0 && { 'tandem:model': task }),
      })
    }
  })

  it('that is stopped ends with exit 130 and writes nothing', async () => {
    const args = ['sample', 'class', ...inP, ...onWasm, '--steps', '4000', '--beyond', '--out', 'never.png', '--json']
    const running = start(args, { ...at, ownGroup: true })
    await running.said('Drawing with')
    running.interrupt()
    const { code, stdout } = await running.ended
    expect(code).toBe(130)
    expect(JSON.parse(stdout)).toEqual({ error: { code: 'cancelled', message: 'Cancelled.' } })
    await expect(readPicture(path('never.png'))).rejects.toThrow('no such file')
  })
})

describe('tandem evaluate', { timeout: 120_000 }, () => {
  it('writes a report and a sheet of a run, and replaces only such ones', async () => {
    const args = ['evaluate', 'picture', ...inP, ...onWasm, '--data', 'picture', '--out', 'report']
    const { stdout } = await succeed(args, at)
    expect(stdout).toMatch(
      /\nEvaluation of “picture” \(picture\) on 1 held-out picture:\n\n +initial +refined +floor\n/,
    )
    const report: unknown = JSON.parse(readFileSync(path('report.json'), 'utf8'))
    expect(report).toMatchObject({ version: 1, run: 'picture', step: 2, task: 'picture', pictures: 1 })
    expect((await readPicture(path('report.png'))).width).toBeGreaterThan(32)
    writeFileSync(path('mine.json'), '{"name": "mine"}')
    const refused = await tandem([...args.slice(0, -1), 'mine'], at)
    expect(refused.code).toBe(2)
    expect(refused.stderr).toContain('it is not a report')
    const without = await tandem(['evaluate', 'picture', ...inP, ...onWasm, '--out', 'report', '--json'], at)
    expect(without.code).toBe(2)
    expect(JSON.parse(without.stdout)).toMatchObject({ error: { hint: 'Choose a data set of this project.' } })
  })
})

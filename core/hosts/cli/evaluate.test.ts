import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { keepUntaughtClassifier, makeClasses, makePairs, makePhotos, readPicture } from '../../studio/testing.ts'
import { createPlace, onWasm, succeed, tandem, tellingOf, tiny } from './testing.ts'

const { folder, path } = createPlace()
const env = { TANDEM_HOME: path('home') }

beforeAll(async () => {
  await Promise.all([makeClasses(path('class'), ['a', 'b']), makePairs(path('picture')), makePhotos(path('inpaint'))])
  await Promise.all(
    ['class', 'picture', 'inpaint'].map((task) =>
      succeed([
        'train',
        path(task),
        '--out',
        path(`${task}.safetensors`),
        ...tiny,
        '--size',
        task === 'class' ? '28' : '32',
        '--steps-total',
        '2',
      ]),
    ),
  )
  // Teaching it takes a minute here; what it has learnt is no matter of the command.
  await keepUntaughtClassifier(path('class.safetensors'), path('class'), env.TANDEM_HOME)
})
afterAll(() => rmSync(folder, { recursive: true }))

describe('tandem evaluate', () => {
  it.concurrent.each(['class', 'picture', 'inpaint'])('writes a report and a sheet (%s)', async (task) => {
    const out = path(`report-${task}`)
    const args = ['evaluate', path(`${task}.safetensors`), ...onWasm, '--out', out, '--samples', '20', '--json']
    const told = tellingOf(await succeed(args, { env }))
    expect(JSON.parse(readFileSync(`${out}.json`, 'utf8'))).toEqual(told)
    expect(told).toMatchObject({
      task,
      measures: expect.arrayContaining([expect.objectContaining({ name: expect.any(String) })]),
    })
    expect((await readPicture(`${out}.png`)).width).toBeGreaterThan(28)
    // Of ten pairs or photos one is held out, and the best weights were chosen on it; of twenty class pictures too few are.
    expect(told.chosenOn).toBe(task === 'class' ? undefined : 1)
  })

  it('refuses other classes and a place that is not there, before the work', async () => {
    await makeClasses(path('others'), ['x', 'y'])
    const model = path('class.safetensors')
    const classes = await tandem(['evaluate', model, ...onWasm, '--data', path('others'), '--out', path('no')], { env })
    expect(classes.code).toBe(1)
    expect(classes.stderr).toContain('The model draws a, b; the folder has x, y.')
    const place = await tandem(['evaluate', model, ...onWasm, '--out', path('nowhere/report')], { env })
    expect(place.code).toBe(1)
    expect(place.stderr).toContain('there is no folder')
    expect(existsSync(path('no.json'))).toBe(false)
    writeFileSync(path('mine.json'), '{"name": "mine"}')
    const other = await tandem(['evaluate', model, ...onWasm, '--out', path('mine')], { env })
    expect(other.code).toBe(2)
    expect(other.stderr).toContain('it is not a report')
    expect(readFileSync(path('mine.json'), 'utf8')).toBe('{"name": "mine"}')
  })

  it('asks for the folder of a model that does not name it', async () => {
    const weights = path('weights.safetensors')
    await succeed(['export', path('picture.safetensors'), weights])
    const { code, stderr } = await tandem(['evaluate', weights, ...onWasm, '--out', path('no')], { env })
    expect(code).toBe(2)
    expect(stderr).toContain('Name the folder with --data.')
    const named = ['evaluate', weights, ...onWasm, '--out', path('named'), '--samples', '20', '--json']
    expect(tellingOf(await succeed([...named, '--data', path('picture')], { env }))).toMatchObject({ chosenOn: 1 })
  })

  it('knows that other pictures had no part in choosing the weights', async () => {
    await makePairs(path('other-pairs'), 11)
    const args = [
      'evaluate',
      path('picture.safetensors'),
      ...onWasm,
      '--out',
      path('others'),
      '--samples',
      '20',
      '--json',
    ]
    expect(tellingOf(await succeed([...args, '--data', path('other-pairs')], { env }))).not.toHaveProperty('chosenOn')
  })
})

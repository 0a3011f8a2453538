import { rmSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeClasses, makePairs, makePhotos } from '../../studio/testing.ts'
import { createPlace, succeed, tandem, tiny } from './testing.ts'

const { folder, path } = createPlace()
const classes = path('classes')
const pairs = path('pairs')
const photos = path('photos')
const model = path('class.safetensors')
const picture = path('picture.safetensors')

beforeAll(async () => {
  await Promise.all([makeClasses(classes, ['a', 'b', 'c']), makePairs(pairs), makePhotos(photos)])
  await Promise.all([
    succeed(['train', classes, '--out', model, ...tiny, '--steps-total', '2']),
    succeed(['train', pairs, '--out', picture, ...tiny, '--size', '32', '--steps-total', '2']),
  ])
})
afterAll(() => rmSync(folder, { recursive: true }))

/** A sentence, and a hint or two. */
const isOne = (text: string) => text.trim().split('\n').length <= 3

describe('misuse', () => {
  it.concurrent.each([
    ['an unknown command', ['paint'], "unknown command 'paint'"],
    ['an unknown option', ['train', classes, '--colour'], "unknown option '--colour'"],
    ['a missing argument', ['train'], "missing required argument 'folder'"],
    ['one argument too many', ['export', 'a', 'b', 'c'], 'too many arguments'],
    ['a bad value', ['train', classes, '--seed', 'x'], 'a whole number from 0'],
    ['a value out of range', ['train', classes, '--minutes', '0'], 'a number from 0.01'],
    ['a word that is no choice', ['data', pairs, '--condition', 'up'], 'Allowed choices are left, right'],
    ['an engine that does not exist', ['devices', '--engine', 'abacus'], '--engine'],
    ['contradicting lengths', ['train', classes, '--minutes', '1', '--epochs', '2'], 'cannot be used with'],
    ['contradicting lengths', ['resume', model, '--steps-total', '9', '--epochs', '2'], 'cannot be used with'],
    ['an unknown path', ['train', classes, '--set', 'learning.speed=1'], 'There is no option "learning.speed".'],
    ['a --set without value', ['train', classes, '--set', 'learning.batch'], 'learning.batch is a whole number'],
    [
      'a --set out of range',
      ['train', classes, '--set', 'chain.steps=513'],
      'chain.steps is a whole number from 1 to 512',
    ],
    ['a --set of another recipe', ['train', classes, '--set', 'chain.normalised.move=0.1'], 'This recipe has no'],
    [
      'a size of another task',
      ['train', classes, '--size', '256'],
      'The class task has the sizes 28, 32, 64, not 256.',
    ],
    ['a size of no task', ['train', pairs, '--size', '50'], 'The picture task has the sizes 32, 64, 128, 256, not 50.'],
    [
      'parts that do not fit',
      ['train', pairs, '--set', 'learning.initializerLearning=alternating'],
      'do not go together',
    ],
    [
      'edges for classes',
      ['train', photos, '--task', 'inpaint', '--edges'],
      'Conditions made from the pictures are for',
    ],
    ['a form of another recipe', ['train', pairs, '--naive'], "--naive is a form of the papers' networks"],
    ['a sheet over the model', ['sample', model, '--out', model], 'class.safetensors is what the command reads'],
    ['a sheet over another file', ['translate', picture, 'x.png', '--out', model], 'it is not a PNG picture'],
    ['an export over another model', ['export', model, picture], 'There is already a file'],
    ['a resumed model over another', ['resume', model, '--out', picture], 'There is already a file'],
    ['a seed without room', ['sample', model, '--seed', '9007199254740991'], 'to 9007199253740991'],
    ['a way and a blend', ['sample', model, '--between', '3', '--blend', '0.5'], 'cannot be used with'],
    ['a way between three labels', ['sample', model, '--between', '3'], 'exactly two labels'],
    ['a model that is already there', ['train', classes, '--out', model], 'There is already a file'],
    ['outputs that are not 1 or 100', ['train', classes, '--outputs', '7'], 'It is 1 or 100.'],
    ['a model of another task', ['sample', picture], 'picture.safetensors is a model for the picture task'],
    ['a style from a picture model', ['infer', picture, 'x.png'], 'needs one for the class task'],
    ['an unknown label', ['sample', model, '--labels', 'a,dog'], 'The model has no label "dog".'],
    ['a label number out of range', ['sample', model, '--labels', '3'], 'The model has no label "3".'],
    ['a blend of three labels', ['sample', model, '--labels', 'a,b,c', '--blend', '0.5'], 'exactly two labels'],
    ['too many Langevin steps', ['sample', model, '--steps', '17'], '17 steps are more than twice the 8'],
    ['guidance without label dropout', ['sample', model, '--guidance', '2'], 'without label dropout'],
  ])('%s: exit 2 and one sentence', { timeout: 60_000 }, async (_, args, sentence) => {
    const { code, stdout, stderr } = await tandem(args, { cwd: folder })
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain(sentence)
    expect(isOne(stderr)).toBe(true)
  })

  it('says what there is when no command is named', async () => {
    const { code, stderr } = await tandem([])
    expect(code).toBe(2)
    expect(stderr).toContain('Commands:')
  })

  it('says in JSON, too, and only JSON, what was wrong', async () => {
    const unknown = await tandem(['sample', model, '--json', '--colour'])
    expect(unknown.code).toBe(2)
    expect(JSON.parse(unknown.stdout)).toMatchObject({
      error: { code: 'misuse', message: "unknown option '--colour'", hint: 'See --help.' },
    })
    const label = await tandem(['sample', model, '--json', '--labels', 'z'])
    expect(label.code).toBe(2)
    expect(JSON.parse(label.stdout)).toEqual({
      error: { code: 'misuse', message: 'The model has no label "z".', hint: 'Its labels are a, b, c.' },
    })
  })
})

describe('help and version', () => {
  it('are no failure', async () => {
    const [version, help, train] = await Promise.all([
      tandem(['--version']),
      tandem(['--help']),
      tandem(['train', '--help']),
    ])
    expect([version.code, help.code, train.code]).toEqual([0, 0, 0])
    expect(version.stdout).toMatch(/^\d+\.\d+\.\d+\n$/)
    for (const name of 'devices data train resume sample translate inpaint infer interpolate evaluate export import'.split(
      ' ',
    ))
      expect(help.stdout).toContain(`\n  ${name} `)
    expect(train.stdout).toContain('learning.solverRate')
  })
})

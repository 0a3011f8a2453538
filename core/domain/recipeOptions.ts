/**
 * Every number and switch of a recipe that a person may turn: range, unit, one sentence and where it comes from. The command line's
 * --set, the settings page and the check of a stranger's file all read this one table.
 */
import { AppError } from './errors.ts'
import type { Recipe } from './recipe.ts'

interface Told {
  /** What it does, in one sentence. */
  readonly about: string
  /** Paper and section, or "departure" with the reason. */
  readonly source: string
}
export type RecipeOption = Told &
  (
    | {
        readonly kind: 'number'
        readonly minimum: number
        readonly maximum: number
        readonly whole?: boolean
        readonly unit?: string
      }
    | { readonly kind: 'flag' }
    | { readonly kind: 'choice'; readonly choices: readonly string[] }
    /** Written as text; `parse` gives the value or undefined. */
    | { readonly kind: 'form'; readonly forms: string; readonly parse: (text: string) => unknown }
  )

const number = (minimum: number, maximum: number, about: string, source: string, unit?: string): RecipeOption => ({
  kind: 'number',
  minimum,
  maximum,
  about,
  source,
  unit,
})
const count = (minimum: number, maximum: number, about: string, source: string, unit?: string): RecipeOption =>
  ({ ...number(minimum, maximum, about, source, unit), whole: true }) as RecipeOption
const flag = (about: string, source: string): RecipeOption => ({ kind: 'flag', about, source })
const choice = (choices: string[], about: string, source: string): RecipeOption => ({
  kind: 'choice',
  choices,
  about,
  source,
})
const form = (forms: string, parse: (text: string) => unknown, about: string, source: string): RecipeOption => ({
  kind: 'form',
  forms,
  parse,
  about,
  source,
})

export const recipeOptions: Readonly<Record<string, RecipeOption>> = {
  'chain.steps': count(
    1,
    512,
    'Langevin steps l of one chain; on Fashion-MNIST 1 and 8 failed early, 16 and 32 were sound.',
    'P1 4.1.2, Table 2',
    'steps',
  ),
  'chain.stepSize': number(
    1e-6,
    1,
    'Langevin step size delta; larger learns faster to a worse optimum.',
    'P1 Eq. 5, Figure 8',
  ),
  'chain.referenceDeviation': number(
    1e-4,
    10,
    'Standard deviation s of the Gaussian reference.',
    'P1 Eq. 3, 4.1.2',
    'picture units',
  ),
  'chain.pull': flag(
    'The reference distribution pulls pixels towards grey.',
    'P1 Eq. 3; off in the studio picture recipes (departure: sharper colours)',
  ),
  'chain.noise': form('on, off or until:EPOCH', parseNoise, 'The Langevin noise term delta U.', 'P1 Eq. 5, 4.1.2'),
  'chain.metropolis': flag('Metropolis-Hastings correction of each noisy step.', 'P1 2.1, P2'),
  'chain.bound': number(
    0,
    2,
    'Largest move of a pixel in one step; 0 is unbounded.',
    'departure: bounds the move, not the pixel',
    'picture units',
  ),
  'chain.normalised.move': number(
    0.001,
    1,
    'How far a normalised chain starts out to move.',
    'departure',
    'picture units',
  ),
  'chain.normalised.smooth': flag(
    'Smooth the gradient in space and tie its colours together.',
    'departure: less speckle',
  ),
  'chain.normalised.targetGap': number(
    0,
    2,
    'Value gap that the move controller aims at; 0 holds the move.',
    'departure',
  ),
  'learning.batch': count(1, 1024, 'Pictures in one mini-batch.', 'P1 4.1.2, 4.2.2', 'pictures'),
  'learning.solverRate': number(0, 0.1, "Adam's rate for the solver.", 'P1 4.1.2; measured in the studio recipes'),
  'learning.initializerRate': number(
    0,
    0.1,
    "Adam's rate for the initializer; it should lag behind the solver.",
    'P1 4.1.2; measured in the studio recipes',
  ),
  'learning.beta1': number(0, 0.9999, "Decay of Adam's first moment.", 'P1 4.1.2'),
  'learning.solverBeta2': number(
    0,
    0.99999,
    "Decay of the solver's second moment.",
    'P1 4.1.2; 0.99 in the picture recipes (departure)',
  ),
  'learning.initializerBeta2': number(0, 0.99999, "Decay of the initializer's second moment.", 'P1 4.1.2'),
  'learning.solverClip': number(
    0,
    1000,
    "Largest norm of the solver's gradient; 0 is none.",
    'departure: published follow-ups',
  ),
  'learning.initializerClip': number(
    0,
    1000,
    "Largest norm of the initializer's gradient; 0 is none.",
    'departure: published follow-ups',
  ),
  'learning.residualDeviation': number(
    0.01,
    10,
    "Standard deviation sigma of the initializer's residual; weighs the mapping loss by 1 / (2 sigma^2).",
    'P1 4.1.2',
    'picture units',
  ),
  'learning.residualNoise': flag(
    'While learning, chains start at the initial picture plus noise of deviation sigma.',
    'P1 Algorithm 1, step 1; published code never adds it',
  ),
  'learning.mappingReduction': choice(
    ['sum', 'mean'],
    'Mapping loss per picture: summed or averaged over its numbers.',
    'P1 Eq. 8 (sum); published code (mean)',
  ),
  'learning.mappingWeight': number(0, 100, 'Weight of the mapping loss.', 'published code: 0.8 beside L1'),
  'learning.observedWeight': number(
    0,
    100,
    'Weight of the L1 term against the observed picture.',
    'P1 4.2.2; published code: 0.2',
  ),
  'learning.initializerLearning': choice(
    ['mapping', 'alternating'],
    'Learn from the refined pictures, or by alternating back-propagation from the observed ones.',
    'P1 Eq. 8; P1 2.2',
  ),
  'learning.initializerEvery': count(
    1,
    100,
    'The initializer learns in every n-th step.',
    'departure: it should lag',
    'steps',
  ),
  'learning.objective': choice(
    ['difference', 'hinge'],
    'Objective shift as a difference of means, or a hinge per position.',
    'P1 Eq. 6; hinge: departure',
  ),
  'learning.valuePenalty': number(
    0,
    100,
    'Weight of the mean squared value, which keeps values near zero.',
    'departure: published follow-ups',
  ),
  'learning.instanceNoise': number(0, 1, 'Noise on both sides of the objective.', 'departure', 'picture units'),
  'learning.average': number(
    0,
    0.99999,
    'Decay of the moving average that sampling uses; 0 is none.',
    'departure: published follow-ups',
  ),
  'learning.warmUpSteps': count(
    0,
    1_000_000,
    'Steps over which both rates rise from zero.',
    'departure: published follow-ups',
    'steps',
  ),
  'learning.decay': form(
    'none, linear:FROM:TO or exponential:FACTOR:EPOCHS',
    parseDecay,
    'How both rates fall.',
    'published code: exponential:0.96:100; linear: measured',
  ),
  'learning.prelude.share': number(
    0,
    0.9,
    'Share of the run in which the initializer alone learns by L1.',
    'departure',
  ),
  'learning.prelude.rate': number(0, 0.1, "The initializer's rate meanwhile.", 'departure'),
  'learning.labelDropout': number(
    0,
    0.9,
    'Share of labels hidden while learning, for guidance when sampling.',
    'Ho and Salimans 2022 (departure)',
  ),
  'data.mirror': flag('Mirror pictures left to right at random.', 'P1 4.2.2'),
  'data.jitterCrop': flag('Enlarge by 286/256 and crop at random.', 'P1 4.2.2'),
  'data.mask': choice(
    ['centre', 'rectangles', 'brush'],
    'What is hidden while learning to inpaint.',
    'P1 4.2.4 (centre)',
  ),
}

function parseNoise(text: string): unknown {
  if (text === 'on' || text === 'off') return text
  const epoch = Number(/^until:(\d+)$/.exec(text)?.[1])
  return Number.isSafeInteger(epoch) ? { untilEpoch: epoch } : undefined
}

function parseDecay(text: string): unknown {
  if (text === 'none') return { kind: 'none' }
  const [, kind, first, second] = /^(linear|exponential):([\d.]+):([\d.]+)$/.exec(text) ?? []
  const [a, b] = [Number(first), Number(second)]
  if (!(a >= 0 && a <= 1)) return undefined
  if (kind === 'linear') return b <= 1 ? { kind, from: a, to: b } : undefined
  return a > 0 && Number.isSafeInteger(b) && b > 0 ? { kind, factor: a, epochs: b } : undefined
}

/**
 * The recipe with one option changed.
 * @param assignment `path=value`, for example `chain.steps=16`
 * @throws AppError misuse for an unknown option, a value out of range, or an option that this recipe does not have
 */
export function setOption(recipe: Recipe, assignment: string): Recipe {
  const at = assignment.indexOf('=')
  const [path, text] = at < 0 ? [assignment, ''] : [assignment.slice(0, at), assignment.slice(at + 1)]
  const option = Object.hasOwn(recipeOptions, path) ? recipeOptions[path] : undefined
  if (option === undefined)
    throw new AppError('misuse', `There is no option "${path}".`, {
      hint: `Options: ${Object.keys(recipeOptions).join(', ')}.`,
    })
  const value = parseOption(path, option, text)
  return replaceAt(recipe, path.split('.'), value, path) as Recipe
}

function parseOption(path: string, option: RecipeOption, text: string): unknown {
  const refuse = (expected: string) =>
    new AppError('misuse', `${path} is ${expected}, not "${text}".`, { hint: option.about })
  switch (option.kind) {
    case 'number': {
      const value = text.trim() === '' ? Number.NaN : Number(text)
      const fits = value >= option.minimum && value <= option.maximum && (!option.whole || Number.isInteger(value))
      if (!fits) throw refuse(`a ${option.whole ? 'whole ' : ''}number from ${option.minimum} to ${option.maximum}`)
      return value
    }
    case 'flag':
      if (text !== 'true' && text !== 'false') throw refuse('true or false')
      return text === 'true'
    case 'choice':
      if (!option.choices.includes(text)) throw refuse(option.choices.join(' or '))
      return text
    case 'form': {
      const value = option.parse(text)
      if (value === undefined) throw refuse(option.forms)
      return value
    }
  }
}

function replaceAt(node: unknown, [key, ...rest]: string[], value: unknown, path: string): unknown {
  if (typeof node !== 'object' || node === null || !(key in node))
    throw new AppError('misuse', `This recipe has no ${path}.`, {
      hint: 'The studio picture recipes have normalised chains, the others plain ones.',
    })
  const record = node as Record<string, unknown>
  return { ...record, [key]: rest.length === 0 ? value : replaceAt(record[key], rest, value, path) }
}

/**
 * Do the parts of a recipe fit each other? Ranges alone do not tell: a network for another size or number of classes is well formed too, and a
 * switch that nothing listens to is a misunderstanding.
 */
import type { Recipe } from '../domain/recipe.ts'

/** @returns the first disagreement in words, or undefined where everything fits */
export function findDisagreement(recipe: Recipe): string | undefined {
  const { size, channels, solver, chain, task, data } = recipe
  const halvings = 2 ** (solver.scales - 1)
  return firstBroken([
    [solver.size === size && solver.channels === channels, 'the solver is for other pictures'],
    [size % halvings === 0, `the solver's ${solver.scales} scales do not fit the size ${size}`],
    [
      !chain.metropolis || chain.noise !== 'off',
      'the Metropolis-Hastings correction needs the noise term (chain.noise)',
    ],
    [task === 'inpaint' || (data.mask === 'centre' && !data.maskChannel), 'only inpainting has masks'],
    ...(recipe.task === 'class' ? classRules(recipe) : pictureRules(recipe)),
  ])
}

type Rule = readonly [holds: boolean, broken: string]

function firstBroken(rules: readonly Rule[]): string | undefined {
  return rules.find(([holds]) => !holds)?.[1]
}

function classRules({ initializer, solver, labels, size, channels }: Recipe): Rule[] {
  if (initializer.kind !== 'classDecoder' || solver.condition.kind === 'picture')
    return [[false, 'the networks are not for classes']]
  const { layers } = initializer
  const { condition } = solver
  const last = layers[layers.length - 1]
  const rules: Rule[] = [
    [labels.length >= 2, 'there are fewer than two classes'],
    [initializer.labels === labels.length, 'the initializer is for another number of classes'],
    [condition.labels === labels.length, 'the solver is for another number of classes'],
    [last.size === size && last.channels === channels, 'the initializer draws other pictures'],
    [layers[0].size === layers[0].kernel, "the initializer's first layer does not grow to its kernel's size"],
    [
      layers.every((layer, at) => at === 0 || isReached(layers[at - 1].size, layer.size)),
      "the initializer's sizes jump",
    ],
    [initializer.joinAt < layers.length, 'the label joins the initializer after its last layer'],
  ]
  if (condition.kind === 'concatenate')
    rules.push([condition.joinAt < solver.convolutions.length, 'the label joins the solver after its last layer'])
  // The template doubles from at most 4 pixels; its last layer is not listed.
  if (condition.kind === 'template')
    rules.push([
      condition.channels.length >= Math.ceil(Math.log2(size / 4)),
      "the template's decoder has too few layers",
    ])
  return rules
}

/** A transposed convolution of padding `same` reaches height x stride, or less where another stride would not fit better. */
function isReached(from: number, to: number): boolean {
  return Math.ceil(to / Math.ceil(to / from)) === from
}

function pictureRules({ task, initializer, solver, labels, size, channels, data, learning }: Recipe): Rule[] {
  if (initializer.kind !== 'uNet' || solver.condition.kind !== 'picture')
    return [[false, 'the networks are not for condition pictures']]
  const levels = initializer.channels.length
  const masked = channels + (data.maskChannel ? 1 : 0)
  return [
    [labels.length === 0, 'a picture task has no classes'],
    [initializer.size === size && initializer.outputChannels === channels, 'the initializer draws other pictures'],
    [size % 2 ** levels === 0, `the initializer's ${levels} levels do not fit the size ${size}`],
    [initializer.dropoutLayers < levels, 'the initializer has more layers with dropout than layers between'],
    [solver.condition.channels === initializer.conditionChannels, 'the two networks see different conditions'],
    [
      task !== 'inpaint' || initializer.conditionChannels === masked,
      'the networks see another condition than the mask gives',
    ],
    [learning.labelDropout === 0, 'label dropout needs classes'],
    [learning.initializerLearning === 'mapping', 'alternating back-propagation needs classes'],
  ]
}

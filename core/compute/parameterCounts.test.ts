/** The networks of the papers, counted from their shapes alone: nothing is built. */
import { describe, expect, it } from 'vitest'
import type { Recipe } from '../domain/recipe.ts'
import { createRecipe } from '../domain/recipes/createRecipe.ts'
import type { RecipeRequest } from '../domain/recipes/request.ts'
import { initializerShapes } from '../ebm/initializer.ts'
import { countParameters } from '../ebm/parameters.ts'
import { solverShapes } from '../ebm/solver.ts'
import { readGolden } from './goldenFiles.ts'

const counts = readGolden<Record<string, number>>('parameter-counts.json')
const ten = Array.from({ length: 10 }, (_, label) => String(label))
const paper = (request: Partial<RecipeRequest> & Pick<RecipeRequest, 'task' | 'size'>) =>
  createRecipe('paper', { channels: 3, labels: request.task === 'class' ? ten : [], ...request })
const countSolver = ({ solver }: Recipe) => countParameters(solverShapes(solver))
const countInitializer = ({ initializer }: Recipe) => countParameters(initializerShapes(initializer))

/** A normalised convolution: kernel, scale and shift, no bias. */
const normalised = (kernel: number, incoming: number, channels: number) =>
  kernel ** 2 * incoming * channels + 2 * channels
const biased = (kernel: number, incoming: number, channels: number) => kernel ** 2 * incoming * channels + channels

describe('parameter counts', () => {
  it('of class -> picture, 28x28 (P1 4.1.2)', () => {
    const recipe = paper({ task: 'class', size: 28, channels: 1 })
    expect(countSolver(recipe)).toBe(counts['classToImage28/solver, 100 outputs'])
    const expected = normalised(4, 138, 256) + normalised(4, 256, 128) + normalised(4, 128, 64) + biased(4, 64, 1)
    expect(countInitializer(recipe)).toBe(expected)
  })

  it('of class -> picture, 32x32 in colour (P1 4.1.3)', () => {
    const recipe = paper({ task: 'class', size: 32 })
    expect(countSolver(recipe)).toBe(counts['classToImage32/solver, 100 outputs'])
    const expected = normalised(4, 100, 256) + normalised(5, 256, 128) + normalised(5, 138, 64) + biased(5, 64, 3)
    expect(countInitializer(recipe)).toBe(expected)
  })

  it("of P2's template solver", () => {
    const recipe = paper({ task: 'class', size: 64, channels: 1, template: true })
    const layers = biased(4, 2, 64) + biased(4, 64, 128) + biased(4, 128, 256) + 8 * 8 * 256 * 100 + 100
    const template =
      biased(4, 10, 256) + biased(4, 256, 128) + biased(4, 128, 64) + biased(4, 64, 64) + biased(4, 64, 1)
    expect(countSolver(recipe)).toBe(layers + template)
  })

  it('of picture -> picture, 256x256 (P1 4.2.2)', () => {
    expect(countSolver(paper({ task: 'picture', size: 256 }))).toBe(counts['imageToImage256/solver, 1 output'])
    const hundred = paper({ task: 'picture', size: 256, outputs: 100 })
    expect(countSolver(hundred)).toBe(counts['imageToImage256/solver, 100 outputs'])
    expect(countInitializer(hundred)).toBe(counts['imageToImage256/initializer'])
  })

  it('of the naive design: 128 more channels where the decoder starts', () => {
    const difference =
      countInitializer(paper({ task: 'picture', size: 256, naive: true })) -
      countInitializer(paper({ task: 'picture', size: 256 }))
    expect(difference).toBe(4 * 4 * 128 * 512)
  })

  it('of inpainting as Table 6 counts them', () => {
    const recipe = paper({ task: 'inpaint', size: 256 })
    if (recipe.initializer.kind !== 'uNet') throw new Error('another network')
    const table6: Recipe = { ...recipe, initializer: { ...recipe.initializer, normaliseBottleneck: true } }
    expect(countInitializer(table6)).toBe(
      counts["imageToImage256/initializer, bottleneck normalised too (the paper's Table 6)"],
    )
    expect(countInitializer(table6) + countSolver(table6)).toBe(counts["paper's Table 6, inpainting in total"])
    expect(countInitializer(table6) + countSolver(table6)).toBe(55_842_308)
  })
})

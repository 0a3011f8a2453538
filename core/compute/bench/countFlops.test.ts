import { describe, expect, it } from 'vitest'
import { createRecipe } from '../../domain/recipes/createRecipe.ts'
import type { ClassInitializer } from '../../domain/networks.ts'
import { countInitializerMultiplyAdds, countSolverMultiplyAdds, countWorkFlops } from './countFlops.ts'
import { findWork } from './works.ts'

const labels = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j']
const paper28 = createRecipe('paper', { task: 'class', size: 28, channels: 1, labels })

describe('countSolverMultiplyAdds', () => {
  it("counts the paper's 28x28 solver layer by layer", () => {
    // k5 s2 on 14x14; k3 s2 on 7x7; k3 on 7x7 with ten class planes; 7 x 7 x 256 features to 100 outputs.
    const byHand = 196 * 25 * 1 * 64 + 49 * 9 * 64 * 128 + 49 * 9 * (128 + 10) * 256 + 12_544 * 100
    expect(byHand).toBe(20_760_320)
    expect(countSolverMultiplyAdds(paper28.solver)).toBe(byHand)
  })

  it('counts every scale and the patch head of the quick picture solver', () => {
    const { solver } = createRecipe('quick', { task: 'picture', size: 64, channels: 3, labels: [] })
    const full = 32 ** 2 * 16 * 6 * 24 + 16 ** 2 * 16 * 24 * 48 + 16 ** 2 * 9 * 48 * 96 + 16 ** 2 * 9 * 96
    // Half the size in both directions is a quarter of everything.
    expect(solver.scales).toBe(3)
    expect(countSolverMultiplyAdds(solver)).toBe(full + full / 4 + full / 16)
  })

  it('counts class weights on the features, and the template picture that joins Y', () => {
    const { solver } = createRecipe('quick', { task: 'class', size: 28, channels: 1, labels })
    const without = { ...solver, condition: { kind: 'projection', labels: 0, scale: 1 } as const }
    expect(countSolverMultiplyAdds(solver) - countSolverMultiplyAdds(without)).toBe(7 * 7 * 96 * 10)
    const template = { ...paper28.solver, condition: { kind: 'template', labels: 10, channels: [8] } as const }
    const joined = 196 * 25 * 1 * 64 - 49 * 9 * 10 * 256
    expect(countSolverMultiplyAdds(template)).toBe(countSolverMultiplyAdds(paper28.solver) + joined)
  })
})

describe('countInitializerMultiplyAdds', () => {
  it("counts the paper's 28x28 decoder: every input of a transposed convolution touches k x k outputs", () => {
    const byHand = 16 * 1 * 138 * 256 + 16 * 16 * 256 * 128 + 16 * 49 * 128 * 64 + 16 * 196 * 64 * 1
    expect(countInitializerMultiplyAdds(paper28.initializer)).toBe(byHand)
  })

  it('counts a late label and resized layers', () => {
    const network: ClassInitializer = {
      ...{ kind: 'classDecoder', latent: 5, labels: 3, labelScale: 1, joinAt: 1, normalisation: 'none' },
      upsampling: 'resize',
      layers: [
        { kernel: 4, size: 4, channels: 2 },
        { kernel: 4, size: 8, channels: 1 },
      ],
    }
    expect(countInitializerMultiplyAdds(network)).toBe(16 * 5 * 2 + 9 * 64 * (2 + 3) * 1)
  })

  it('counts a U-Net down, up and its skips, transposed or resized, with a latent vector', () => {
    const { initializer } = createRecipe('paper', { task: 'picture', size: 32, channels: 3, labels: [] })
    if (initializer.kind !== 'uNet') throw new Error('expected a U-Net')
    const small = { ...initializer, size: 4, channels: [8, 16] }
    const down = 4 * 16 * 3 * 8 + 1 * 16 * 8 * 16
    expect(countInitializerMultiplyAdds(small)).toBe(down + 1 * 16 * 16 * 8 + 4 * 16 * 16 * 3)
    expect(countInitializerMultiplyAdds({ ...small, upsampling: 'resize' })).toBe(
      down + 4 * 9 * 16 * 8 + 16 * 9 * 16 * 3,
    )
    expect(countInitializerMultiplyAdds({ ...small, latent: 10 })).toBe(down + 16 * (16 + 10) * 8 + 4 * 16 * 16 * 3)
  })
})

describe('countWorkFlops', () => {
  it('takes a Langevin step as two forward passes of the batch', () => {
    expect(countWorkFlops(findWork('langevin class 28'))).toBe(2 * 2 * 100 * 20_760_320)
  })

  it('adds up a cooperative step: proposal, chain, both learning steps', () => {
    const solver = 2 * 100 * 20_760_320
    const initializer = 2 * 100 * countInitializerMultiplyAdds(paper28.initializer)
    expect(countWorkFlops(findWork('cooperative class 28'))).toBe(solver * (16 * 2 + 6) + initializer * 4)
  })

  it('spreads the learning of an initializer that learns in every second step', () => {
    const { recipe, batch } = findWork('cooperative picture 64')
    const solver = 2 * batch * countSolverMultiplyAdds(recipe.solver)
    const initializer = 2 * batch * countInitializerMultiplyAdds(recipe.initializer)
    expect(countWorkFlops(findWork('cooperative picture 64'))).toBe(solver * (5 * 2 + 6) + initializer * 2.5)
  })
})

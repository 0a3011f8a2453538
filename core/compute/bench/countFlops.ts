/**
 * Floating-point operations of the networks, counted from their descriptions: two for every multiply-add of a convolution, a transposed
 * convolution or a fully connected layer, for the network as it is written down. The condition's channels, all outputs of the last layer and
 * the taps that fall on padding are included, even where an engine prepares or skips them, so that engines are compared by the same
 * number. Not counted: biases, activations, normalisation, blurs, Adam, and P2's template, which is drawn once per chain.
 */
import type { ClassInitializer, InitializerNetwork, SolverNetwork, UNetInitializer } from '../../domain/networks.ts'
import { langevinSteps, type Work } from './works.ts'

/** A backward pass costs one more forward pass for the inputs' gradients, and another one for the weights'. */
const TO_PICTURE = 2
const TO_WEIGHTS = 3

/** One run of the work. */
export function countWorkFlops(work: Work): number {
  const { recipe, batch, kind } = work
  const solver = 2 * batch * countSolverMultiplyAdds(recipe.solver)
  const chain = langevinSteps(work) * TO_PICTURE * solver
  if (kind === 'langevin') return chain
  const initializer = 2 * batch * countInitializerMultiplyAdds(recipe.initializer)
  // The solver learns from observed and refined pictures; the initializer proposes in every step and learns in every n-th.
  return chain + 2 * TO_WEIGHTS * solver + initializer * (1 + TO_WEIGHTS / recipe.learning.initializerEvery)
}

/** One forward pass for one picture. */
export function countSolverMultiplyAdds(network: SolverNetwork): number {
  const { condition } = network
  let total = 0
  for (let scale = 0; scale < network.scales; scale++) {
    let size = network.size / 2 ** scale
    let incoming = network.channels
    network.convolutions.forEach(({ kernel, stride, channels }, index) => {
      if (condition.kind === 'concatenate' && index === condition.joinAt) incoming += condition.labels
      if (condition.kind === 'picture' && index === 0) incoming += condition.channels
      if (condition.kind === 'template' && index === 0) incoming += network.channels
      size = Math.ceil(size / stride)
      total += size ** 2 * kernel ** 2 * incoming * channels
      incoming = channels
    })
    const features = size ** 2 * incoming
    total += network.head.kind === 'dense' ? features * network.head.outputs : 9 * features
    if (condition.kind === 'projection') total += features * condition.labels
  }
  return total
}

/** One forward pass for one picture. */
export function countInitializerMultiplyAdds(network: InitializerNetwork): number {
  return network.kind === 'classDecoder' ? countDecoder(network) : countUNet(network)
}

function countDecoder({ latent, labels, joinAt, layers, upsampling }: ClassInitializer): number {
  let total = 0
  let incoming = latent
  let from = 1
  layers.forEach(({ kernel, size, channels }, index) => {
    if (index === joinAt) incoming += labels
    const resized = upsampling === 'resize' && index > 0
    total += incoming * channels * (resized ? 9 * size ** 2 : kernel ** 2 * from ** 2)
    incoming = channels
    from = size
  })
  return total
}

function countUNet({ size, conditionChannels, channels, outputChannels, latent, upsampling }: UNetInitializer): number {
  let total = 0
  let side = size
  let incoming = conditionChannels
  for (const outgoing of channels) {
    side /= 2
    total += side ** 2 * 16 * incoming * outgoing
    incoming = outgoing
  }
  incoming += latent === 'dropout' ? 0 : latent
  for (let level = channels.length - 1; level >= 0; level--) {
    const outgoing = level === 0 ? outputChannels : channels[level - 1]
    // Copied to twice the size and convolved with k3, or a transposed convolution k4, whose every input touches 16 outputs.
    total += incoming * outgoing * (upsampling === 'resize' ? 9 * (2 * side) ** 2 : 16 * side ** 2)
    side *= 2
    incoming = 2 * outgoing
  }
  return total
}

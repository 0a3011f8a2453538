/**
 * The kernels in AssemblyScript: stateless functions over an imported memory, which is the tensors' own. Each works on the items
 * [first, end) with the caller's scratch memory, so that any number of threads can share one call (threadTeam.ts).
 */
export { packedNumbers, packRight } from './packing'
export { multiplyColumns, multiplyRows, multiplyScratch } from './gemm'
export {
  positionBlock,
  convolutionScratch,
  convolve,
  convolveBackInput,
  convolveBackFilter,
  sumPartials,
} from './convolution'
export { convolveDepthwise, depthwiseScratch } from './depthwise'
export { spreadBlocks, sumBlocks } from './resampling'
export { repeatBlocks, sumRows } from './rows'
export { leakyRelu, reluGrad, leakyReluGrad, silu, siluGrad } from './activations'
export { groupNormScratch, groupNorm, groupNormGrad, groupNormSums } from './normalisation'
export { adamStep, lerp } from './optimizer'

/** Benchmarks, for the hosts. */
export { formatBench } from '../compute/bench/formatBench.ts'
export { runBench } from '../compute/bench/runBench.ts'
export { workNames } from '../compute/bench/works.ts'
export { formatHostBench } from './hostBench/formatHostBench.ts'
export { hostBenchSizes, runHostBench } from './hostBench/runHostBench.ts'

/** Benchmarks, for the hosts. */
export { formatBench } from '../compute/bench/formatBench.ts'
export { runBench } from '../compute/bench/runBench.ts'
export { workNames } from '../compute/bench/works.ts'

/** `npm run engine:tensorflow [-- --gpu]`: brings the native engine to this machine. */
import { parseArgs } from 'node:util'
import { AppError, CancelledError } from '../../domain/errors.ts'
import { installTensorflow } from './install.ts'

async function main(): Promise<number> {
  const stop = new AbortController()
  process.once('SIGINT', () => stop.abort())
  process.once('SIGTERM', () => stop.abort())
  try {
    const { values } = parseArgs({ options: { gpu: { type: 'boolean', default: false } } })
    const build = values.gpu ? 'gpu' : 'cpu'
    const { folder, already } = await installTensorflow({ build, report: console.log, signal: stop.signal })
    if (already) console.log(`TensorFlow is already there: ${folder}`)
    return 0
  } catch (error) {
    if (error instanceof CancelledError) {
      console.error(error.message)
      return 130
    }
    const isUsage = error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS')
    if (!(error instanceof AppError) && !isUsage) throw error
    console.error(error.message)
    if (error instanceof AppError && error.hint) console.error(error.hint)
    return isUsage ? 2 : 1
  }
}

process.exitCode = await main()

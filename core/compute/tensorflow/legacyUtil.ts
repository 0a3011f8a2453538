/**
 * Two functions of Node's `util` that TensorFlow.js 4.22 for Node calls: `isNullOrUndefined`, gone since Node 23, and `isArray`,
 * which warns about itself on first use.
 */
import util from 'node:util'

type LegacyUtil = typeof util & {
  isNullOrUndefined?: (value: unknown) => boolean
  isArray?: (value: unknown) => boolean
}

/** Call before TensorFlow.js for Node is loaded. */
export function defineLegacyUtil(target: LegacyUtil = util): void {
  target.isNullOrUndefined = (value) => value === null || value === undefined
  target.isArray = Array.isArray
}

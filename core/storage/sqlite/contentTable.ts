/** What every project's table `content` promises: bytes under their own SHA-256. */
import { createHash } from 'node:crypto'

/** Of one content; tensors are cut into pieces far below it. */
export const largestContentBytes = 64 * 1024 ** 2

/** Whether the bytes are those that the hash (64 hexadecimal digits) names. */
export function contentIsTrue(hash: unknown, data: unknown): boolean {
  return Buffer.isBuffer(data) && createHash('sha256').update(data).digest('hex') === hash
}

/** Fields that several requests share, each with its bounds. Nothing without a bound comes in. */
import { z } from 'zod'
import type { Picture } from '../domain/picture.ts'
import type { DocumentEntry } from '../domain/records.ts'

/** Of one side of a picture that crosses raw. */
const LONGEST_SIDE = 4096
/** Of one upload, and of one inline picture file. */
export const mostBytes = { message: 64 * 2 ** 20, upload: 64 * 2 ** 30 } as const

export const id = z.uuid()
export const hash = z.string().regex(/^[0-9a-f]{64}$/)
export const name = z.string().trim().min(1).max(120)
export const count = z
  .number()
  .int()
  .min(0)
  .max(2 ** 31)
export const seed = z
  .number()
  .int()
  .min(0)
  .max(2 ** 32 - 1)
export const page = { offset: count.default(0), limit: z.number().int().min(1).max(500).default(100) }
export const nothing = z.strictObject({})

/** Raw bytes, row by row; their number must be width x height x channels. */
export const picture = z
  .strictObject({
    width: z.number().int().min(1).max(LONGEST_SIDE),
    height: z.number().int().min(1).max(LONGEST_SIDE),
    channels: z.literal([1, 3]),
    data: z.instanceof(Uint8Array<ArrayBufferLike>),
  })
  .refine(({ width, height, channels, data }) => data.length === width * height * channels, {
    message: 'the bytes are not width x height x channels',
  }) satisfies z.ZodType<Picture>

/** One change of a document; what is in it is the page's own. */
export const documentEntry = z.looseObject({ kind: z.string().min(1).max(60) }) satisfies z.ZodType<DocumentEntry>

/** Texts inside a PNG file: iTXt chunks (PNG specification 11.3.4.5), which hold UTF-8 under a keyword. */
import { crc32 } from 'node:zlib'

const headerEnd = 8 + 25 // signature and IHDR, which must come first

/** Adds one chunk per entry. Keywords are 1 to 79 plain characters; throws RangeError otherwise. */
export function insertPngText(png: Uint8Array, texts: Record<string, string>): Uint8Array {
  const chunks = Object.entries(texts).map(([keyword, text]) => {
    if (!/^[ -~]{1,79}$/.test(keyword)) throw new RangeError(`“${keyword}” is no keyword of 1 to 79 plain characters`)
    // Keyword, end, not compressed (flag, method), no language, no translated keyword.
    const body = Buffer.from(`iTXt${keyword}\0\0\0\0\0${text}`, 'utf8')
    const chunk = Buffer.alloc(body.length + 8)
    chunk.writeUInt32BE(body.length - 4)
    chunk.set(body, 4)
    chunk.writeUInt32BE(crc32(body), body.length + 4)
    return chunk
  })
  return Buffer.concat([png.subarray(0, headerEnd), ...chunks, png.subarray(headerEnd)])
}

/** The uncompressed iTXt texts of a PNG file; nothing for bytes that are no PNG. */
export function readPngText(png: Uint8Array): Record<string, string> {
  const bytes = Buffer.from(png.buffer, png.byteOffset, png.byteLength)
  const texts: Record<string, string> = {}
  for (let at = 8; at + 12 <= bytes.length;) {
    const length = bytes.readUInt32BE(at)
    const chunk = bytes.subarray(at + 4, at + 8 + length)
    const match = /^iTXt([^\0]{1,79})\0\0\0[^\0]*\0[^\0]*\0([^]*)$/.exec(chunk.toString('utf8'))
    if (match !== null) Object.defineProperty(texts, match[1], { value: match[2], enumerable: true })
    at += 12 + length
  }
  return texts
}

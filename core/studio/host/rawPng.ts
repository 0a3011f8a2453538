/** A small picture as a PNG file, made at once and without waiting: signature, IHDR, IDAT, IEND (PNG specification, 5 and 11.2). */
import { crc32, deflateSync } from 'node:zlib'
import type { Picture } from '../../domain/picture.ts'

export function encodeRawPng({ width, height, channels, data }: Picture): Buffer {
  const row = width * channels
  const rows = Buffer.alloc((row + 1) * height)
  // Each row begins with its filter: 0, none.
  for (let y = 0; y < height; y++) rows.set(data.subarray(y * row, (y + 1) * row), y * (row + 1) + 1)
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header.set([8, channels === 1 ? 0 : 2], 8)
  const signature = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1')
  return Buffer.concat([signature, chunk('IHDR', header), chunk('IDAT', deflateSync(rows)), chunk('IEND')])
}

function chunk(kind: string, body = Buffer.alloc(0)): Buffer {
  const length = Buffer.alloc(4)
  length.writeUInt32BE(body.length)
  const named = Buffer.concat([Buffer.from(kind, 'latin1'), body])
  const check = Buffer.alloc(4)
  check.writeUInt32BE(crc32(named))
  return Buffer.concat([length, named, check])
}

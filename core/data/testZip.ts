/** Zip files for tests, byte by byte, so that they can be wrong in every way. */
import { crc32, deflateRawSync } from 'node:zlib'

export interface ZipMember {
  readonly name: string
  readonly bytes: Uint8Array
  /** Unix mode with the kind of file in it. */
  readonly mode?: number
  readonly method?: number
  readonly flags?: number
  /** What the list says instead of the truth. */
  readonly announcedSize?: number
  readonly announcedChecksum?: number
  /** Uses the packed bytes of the member before. */
  readonly overlaps?: boolean
}

export function makeZip(members: readonly ZipMember[]): Buffer {
  const parts: Buffer[] = []
  const list: Buffer[] = []
  let at = 0
  let before = { offset: 0, packedSize: 0, checksum: 0, size: 0 }
  for (const member of members) {
    const { mode = 0o100644, method = 8, flags = 0x800, bytes } = member
    const name = Buffer.from(member.name, 'utf8')
    const packed = method === 8 ? deflateRawSync(bytes) : Buffer.from(bytes)
    const own = { offset: at, packedSize: packed.length, checksum: crc32(bytes), size: bytes.length }
    const { offset, packedSize, checksum, size } = member.overlaps === true ? before : own
    // Version, flags, method, time, date, checksum, sizes, lengths of name and extra field: the same in both headers.
    const facts = Buffer.alloc(26)
    facts.writeUInt16LE(20, 0)
    facts.writeUInt16LE(flags, 2)
    facts.writeUInt16LE(method, 4)
    facts.writeUInt32LE(member.announcedChecksum ?? checksum, 10)
    facts.writeUInt32LE(packedSize, 14)
    facts.writeUInt32LE(member.announcedSize ?? size, 18)
    facts.writeUInt16LE(name.length, 22)
    const entry = Buffer.alloc(46)
    entry.write('PK\x01\x02', 'latin1')
    entry.writeUInt16LE(0x031e, 4)
    facts.copy(entry, 6)
    entry.writeUInt32LE((mode << 16) >>> 0, 38)
    entry.writeUInt32LE(offset, 42)
    list.push(entry, name)
    if (member.overlaps !== true) {
      const part = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), facts, name, packed])
      parts.push(part)
      at += part.length
      before = own
    }
  }
  const directory = Buffer.concat(list)
  const end = Buffer.alloc(22)
  end.write('PK\x05\x06', 'latin1')
  end.writeUInt16LE(members.length, 8)
  end.writeUInt16LE(members.length, 10)
  end.writeUInt32LE(directory.length, 12)
  end.writeUInt32LE(at, 16)
  return Buffer.concat([...parts, directory, end])
}

import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { flat, noisy, readPicture, readPngText, temporaryFolder } from './testing.ts'
import { writePng } from './writePng.ts'

const folder = temporaryFolder()
afterAll(() => rmSync(folder, { recursive: true }))

describe('writePng', () => {
  it('gives back equal pixels and texts', async () => {
    const picture = noisy(13, 7, 5)
    const file = join(folder, 'kept.png')
    await writePng(file, picture, { seed: '42', strokes: '{"name":"Zürich"}' })
    expect(await readPicture(file)).toEqual(picture)
    expect(readPngText(readFileSync(file))).toEqual({ seed: '42', strokes: '{"name":"Zürich"}' })
  })

  it('leaves no temporary file and the old file whole when it fails', async () => {
    const target = join(folder, 'taken')
    mkdirSync(join(target, 'inside'), { recursive: true })
    await expect(writePng(target, flat(8, 8, [1]))).rejects.toMatchObject({ code: 'storage-failed' })
    expect(readdirSync(folder).filter((name) => name.endsWith('.part'))).toEqual([])
  })

  it('says that a folder is not there', async () => {
    const refusal = writePng(join(folder, 'nowhere', 'a.png'), flat(8, 8, [1]))
    await expect(refusal).rejects.toThrow('its folder does not exist')
  })

  it('refuses a read-only folder', async () => {
    if (process.getuid?.() === 0) {
      process.stdout.write('not run: writing to a read-only folder (the superuser may write everywhere)\n')
      return
    }
    const locked = join(folder, 'locked')
    mkdirSync(locked)
    chmodSync(locked, 0o500)
    await expect(writePng(join(locked, 'a.png'), flat(8, 8, [1]))).rejects.toThrow('may not be written to')
  })
})

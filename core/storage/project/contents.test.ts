import { describe, expect, it } from 'vitest'
import { hashOf } from './contents.ts'
import { countRows, createPicture, createDataSetDraft, openTestStore, pause, textBytes } from './testing.ts'

describe('contents', () => {
  it('stores bytes once, under their SHA-256', () => {
    const { contents, ...store } = openTestStore()
    const hash = contents.put(textBytes('abc'), 'picture')
    expect(hash).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
    expect(contents.put(textBytes('abc'), 'pixels')).toBe(hash)
    expect(countRows({ contents, ...store }, 'content')).toBe(1)
    expect(new Uint8Array(contents.get(hash, 'It'))).toEqual(textBytes('abc'))
    expect([contents.size(hash), contents.has(hash)]).toEqual([3, true])
  })

  it('stores a view as the bytes it shows, and nothing at all as nothing', () => {
    const { contents } = openTestStore()
    const whole = textBytes('0123456789')
    expect(new Uint8Array(contents.get(contents.put(whole.subarray(3, 5), 'picture'), 'It'))).toEqual(textBytes('34'))
    expect(contents.get(contents.put(new Uint8Array(), 'pixels'), 'It')).toHaveLength(0)
  })

  it('says what is lost where bytes are damaged or missing', () => {
    const { contents, file } = openTestStore()
    const hash = contents.put(textBytes('precious'), 'picture')
    file.write(() => file.db.prepare("UPDATE content SET data = CAST('precioux' AS BLOB)").run())
    const what = 'The picture “cat.png”'
    expect(() => contents.get(hash, what)).toThrow('The picture “cat.png” was damaged on the disk')
    expect(() => contents.get(hashOf(textBytes('never')), what)).toThrow('“cat.png” is missing from the project')
    expect(contents.size(hashOf(textBytes('never')))).toBeUndefined()
  })

  it('rolls back with the write around it', () => {
    const { contents, file } = openTestStore()
    const work = () =>
      file.write(() => {
        contents.put(textBytes('gone'), 'picture')
        throw new Error('no')
      })
    expect(work).toThrow('no')
    expect(contents.has(hashOf(textBytes('gone')))).toBe(false)
  })
})

describe('a sweep', () => {
  it('takes what nothing refers to, in portions, and leaves the rest', async () => {
    const store = openTestStore()
    const { contents, file, dataSets, pictures } = store
    const id = dataSets.begin(createDataSetDraft())
    pictures.insert(id, [createPicture('used.png')])
    file.write(() => {
      for (let i = 0; i < 2300; i++) contents.put(textBytes(`orphan ${i}`), 'picture')
    })
    const claimed = contents.claim('somebody', textBytes('claimed'), 'tensors')
    let pauses = 0
    const swept = await contents.sweep({ pause: () => Promise.resolve(void pauses++) })
    expect(swept).toEqual({ count: 2300, sizeBytes: expect.any(Number) as number })
    expect(pauses).toBeGreaterThan(5)
    expect(countRows(store, 'content')).toBe(2)
    contents.release('somebody')
    expect(await contents.sweep({ pause })).toEqual({ count: 1, sizeBytes: 7 })
    expect(contents.has(claimed)).toBe(false)
  })

  it('takes only the kind that was asked for', async () => {
    const { contents } = openTestStore()
    const picture = contents.put(textBytes('picture'), 'picture')
    const tensors = contents.put(textBytes('tensors'), 'tensors')
    await contents.sweep({ pause, kind: 'tensors' })
    expect([contents.has(picture), contents.has(tensors)]).toEqual([true, false])
  })

  it('spares what comes into use while it goes on', async () => {
    const { contents, file } = openTestStore()
    file.write(() => {
      for (let i = 0; i < 1200; i++) contents.put(textBytes(`orphan ${i}`), 'picture')
    })
    let last = ''
    await contents.sweep({
      pause: () => {
        last ||= contents.claim('late', textBytes('orphan 7'), 'picture')
        return Promise.resolve()
      },
    })
    expect(contents.has(last)).toBe(true)
  })

  it('gives pages back, but keeps as many as it was asked to', async () => {
    const { contents, file } = openTestStore()
    const pages = (name: string) => Number(file.db.pragma(name, { simple: true }))
    const pageBytes = pages('page_size')
    const bytes = new Uint8Array(1000 * pageBytes)
    contents.put(bytes, 'tensors')
    const before = pages('page_count')
    await contents.sweep({ pause, keepFreeBytes: 300 * pageBytes })
    expect(pages('freelist_count')).toBe(300)
    await contents.sweep({ pause })
    expect(pages('freelist_count')).toBe(0)
    expect(pages('page_count')).toBeLessThan(before - 990)
  })

  it('ends where its pause throws, with all it did in order', async () => {
    const store = openTestStore()
    store.contents.put(textBytes('a'), 'picture')
    const stop = () => Promise.reject(new Error('stop'))
    await expect(store.contents.sweep({ pause: stop })).rejects.toThrow('stop')
    await store.contents.sweep({ pause })
    expect(countRows(store, 'content')).toBe(0)
  })
})

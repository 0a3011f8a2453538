import { describe, expect, it } from 'vitest'
import { hashOf } from './contents.ts'
import { findPicture } from './findPicture.ts'
import { createDataSetDraft, createPicture, openTestStore, textBytes } from './testing.ts'

describe('a picture by its hash', () => {
  it('is a file, rows of bytes, or a file outside, and nothing else', () => {
    const { file, contents, dataSets, pictures } = openTestStore()
    const bytes = textBytes('a picture')
    const inside = dataSets.begin(createDataSetDraft())
    pictures.insert(inside, [
      createPicture('a.png', { observed: bytes }),
      createPicture('row 1', { observed: textBytes('rows'), kind: 'pixels', width: 2, height: 2 }),
    ])
    const outside = dataSets.begin(createDataSetDraft({ keeping: 'referenced' }))
    const [first, second] = ['1'.repeat(64), '2'.repeat(64)]
    pictures.insert(outside, [createPicture('p.png // c.png', { observed: first, condition: second })])
    const tensors = contents.put(textBytes('numbers!'), 'tensors')

    expect(findPicture(file, hashOf(bytes))).toEqual({ kind: 'file' })
    expect(findPicture(file, hashOf(textBytes('rows')))).toEqual({ kind: 'pixels', width: 2, height: 2 })
    const found = { kind: 'outside', dataSetId: outside, name: 'p.png // c.png' }
    expect(findPicture(file, first)).toEqual({ ...found, side: 'observed' })
    expect(findPicture(file, second)).toEqual({ ...found, side: 'condition' })
    expect(findPicture(file, tensors)).toBeUndefined()
    expect(findPicture(file, '3'.repeat(64))).toBeUndefined()
  })
})

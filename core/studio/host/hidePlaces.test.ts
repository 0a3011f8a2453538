import { describe, expect, it } from 'vitest'
import { AppError } from '../../domain/errors.ts'
import { hidePlaces, withoutPlaces } from './hidePlaces.ts'

describe('places in sentences', () => {
  it.each([
    ['There is no folder “/home/ada/My pictures/vases”.', 'There is no folder “vases”.'],
    ['/tmp/tandem-x/projects/A.tandem is damaged', 'A.tandem is damaged'],
    ['“C:\\Users\\Ada\\x y.zip” cannot be used', '“x y.zip” cannot be used'],
    ['\\\\server\\share\\x.zip is gone', 'x.zip is gone'],
    ['(/var/data/a.png) failed', '(a.png) failed'],
    ['A.tandem is not there any more.', 'A.tandem is not there any more.'],
    ['3/4 of it and/or nothing; class/a.png, step 2', '3/4 of it and/or nothing; class/a.png, step 2'],
    ['“train/a b/c.png” is odd', '“train/a b/c.png” is odd'],
  ])('are shortened: %j', (from, to) => {
    expect(hidePlaces(from)).toBe(to)
  })

  it('leave an error what it is', () => {
    const error = new AppError('bad-input', 'no “/a/b”', { hint: 'look into /a/b/c', cause: 1 })
    expect(withoutPlaces(error)).toMatchObject({ code: 'bad-input', message: 'no “b”', hint: 'look into c', cause: 1 })
    const harmless = new AppError('misuse', 'no')
    expect(withoutPlaces(harmless)).toBe(harmless)
    const defect = new TypeError('/a/b')
    expect(withoutPlaces(defect)).toBe(defect)
  })
})

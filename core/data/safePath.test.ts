import { describe, expect, it } from 'vitest'
import { createTakenPaths, toSafePath } from './safePath.ts'

describe('toSafePath', () => {
  it.each([
    ['a/b.png', 'a/b.png'],
    ['./a//b.png', 'a/b.png'],
    ['a\\b.png', 'a/b.png'],
    ['12:30 "x"?.png', '12_30 _x__.png'],
    ['con/NUL.png', '_con/_NUL.png'],
    ['console/a.', 'console/a_'],
    ['u\u0308ber.png', '\u00fcber.png'],
    ['__proto__', '__proto__'],
  ])('makes of %j the path %j', (name, path) => expect(toSafePath(name)).toEqual({ path }))

  it.each([
    '',
    '.',
    '/',
    '/etc/passwd',
    '\\\\server\\share',
    'c:x',
    '..',
    'a/../b',
    'a\\..\\b',
    'a\0b',
    'a\nb',
    'x'.repeat(201),
  ])('refuses %j', (name) =>
    expect(toSafePath(name)).toMatchObject({ refused: expect.stringContaining('the file name “') as string }),
  )

  it('shows no control characters', () => {
    expect(toSafePath('a\x1b[2Jb').refused).toBe('the file name “a?[2Jb” holds control characters')
  })
})

describe('createTakenPaths', () => {
  it('knows a path again in other letters, and files from folders', () => {
    const taken = createTakenPaths()
    expect(['A/b', 'a/B', 'a', 'a/b/c', 'a/c'].map((path) => taken.take(path))).toEqual([
      true,
      false,
      false,
      false,
      true,
    ])
    taken.giveBack('a/b')
    expect([taken.count, taken.take('a/b')]).toEqual([1, true])
  })
})

import { describe, expect, it } from 'vitest'
import { assertFreeName, findNamed, freeName } from './names.ts'

const things = [
  { id: '3f2a9c1e-0000-4000-8000-000000000000', name: 'Bars' },
  { id: '77777777-0000-4000-8000-000000000000', name: 'Bowls' },
  { id: '88888888-0000-4000-8000-000000000000', name: 'Bowls' },
]

describe('findNamed', () => {
  it.each([
    ['its name', 'Bars', 0],
    ['its name in another case, with spaces around', ' bARS ', 0],
    ['the beginning of its id, where several have its name', '88888888', 2],
    ['its whole id', things[1].id, 1],
  ])('finds by %s', (_, name, index) => expect(findNamed(things, name, 'run')).toBe(things[index]))

  it('prefers the very name to one of another case', () => {
    const [upper, lower] = [
      { id: 'a', name: 'Bars' },
      { id: 'b', name: 'bars' },
    ]
    expect(findNamed([upper, lower], 'bars', 'run')).toBe(lower)
    expect(() => findNamed([upper, lower], 'BARS', 'run')).toThrow('2 runs are called “BARS”')
  })

  const refusal = (name: string, among: typeof things = things) => {
    try {
      return findNamed(among, name, 'run')
    } catch (error) {
      return error
    }
  }

  it('refuses names that it does not know, with those that there are', () => {
    expect(refusal('Cups')).toMatchObject({
      ...{ code: 'misuse', message: 'There is no run “Cups” in this project.', hint: 'Its runs: “Bars”, “Bowls”.' },
    })
    expect(refusal('8888')).toMatchObject({ code: 'misuse' })
    expect(refusal('Cups', [])).toMatchObject({ hint: 'It has no runs.' })
    const many = Array.from({ length: 25 }, (_, at) => ({ id: String(at), name: `n${at}` }))
    expect(refusal('Cups', many)).toMatchObject({ hint: expect.stringMatching(/“n19” and 5 more\.$/) })
  })

  it('refuses a name that two have, with what tells them apart', () => {
    expect(refusal('Bowls')).toMatchObject({
      ...{ code: 'misuse', message: '2 runs are called “Bowls”.', hint: expect.stringContaining('77777777, 88888888') },
    })
  })
})

describe('freeName', () => {
  it('numbers a name until nothing else has it', () => {
    expect(freeName(things, 'Cups')).toBe('Cups')
    expect(freeName([...things, { id: 'x', name: 'Bars (2)' }], 'Bars')).toBe('Bars (3)')
  })

  it('is refused instead where a person chose the name', () => {
    expect(() => assertFreeName(things, 'Bars', 'data set')).toThrow('There is already a data set “Bars”')
    expect(() => assertFreeName(things, 'Cups', 'data set')).not.toThrow()
  })
})

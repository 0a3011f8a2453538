import { describe, expect, it } from 'vitest'
import { listOutdated, type Candidate } from './retention.ts'

/** `10` a checkpoint of step 10, `10w` weights alone, `*` best, `!` pinned, `=3` its score. */
function candidates(text: string): Candidate[] {
  return text.split(' ').map((id) => ({
    id,
    step: Number.parseInt(id, 10),
    content: id.includes('w') ? 'weights' : 'training',
    best: id.includes('*'),
    pinned: id.includes('!'),
    score: id.includes('=') ? Number(id.split('=')[1]) : null,
  }))
}

function kept(text: string, retention: { last?: number; best?: number; everySteps?: number }): string {
  const all = candidates(text)
  const outdated = listOutdated(all, { last: 0, best: 0, everySteps: 0, ...retention })
  return all
    .map(({ id }) => id)
    .filter((id) => !outdated.includes(id))
    .join(' ')
}

describe('retention', () => {
  it.each([
    ['the newest so many', '1 2 3 4 5', { last: 2 }, '4 5'],
    ['all where it asks for more than there are', '1 2', { last: 9 }, '1 2'],
    ['the newest even where it asks for none', '1 2 3', {}, '3'],
    ['the newest to go on from', '1 2 3w 4w', { last: 1 }, '2 4w'],
    ['the best so many, the newer of equals', '1=3 2=1 3=2 4=2 5', { best: 2 }, '2=1 4=2 5'],
    ['nothing for its score where it was not measured', '1 2=5 3', { best: 9 }, '2=5 3'],
    ['the best one and pinned ones always', '1! 2w*=9 3 4', {}, '1! 2w*=9 4'],
    ['the first in every so many steps', '0 5 10 14 19 20 31', { everySteps: 10 }, '0 10 20 31'],
    ['what any of the rules asks for', '0 1=1 2! 3 4 5', { last: 2, best: 1, everySteps: 100 }, '0 1=1 2! 4 5'],
    ['the newest by age, not by step, after a run went back', '10 20 5', { last: 1 }, '5'],
  ])('keeps %s', (_, text, retention, expected) => {
    expect(kept(text, retention)).toBe(expected)
  })

  it('has nothing to say where there is nothing', () => {
    expect(listOutdated([], { last: 1, best: 1, everySteps: 1 })).toEqual([])
  })

  it.each([{ last: -1 }, { best: 0.5 }, { everySteps: NaN }])('refuses %j', (retention) => {
    expect(() => kept('1', retention)).toThrow(RangeError)
  })
})

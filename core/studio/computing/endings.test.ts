import { describe, expect, it } from 'vitest'
import { AppError, CancelledError } from '../../domain/errors.ts'
import { errorToEnding, isOutcome, toEnding } from './endings.ts'

describe('isOutcome', () => {
  it.each([
    { kind: 'drawn' },
    { kind: 'trained', step: 3, checkpointId: 'a' },
    { kind: 'reproduced', equal: true, differentBytes: 0, picture: {} },
  ])('knows $kind', (outcome) => expect(isOutcome(outcome)).toBe(true))

  it.each([
    {},
    { kind: 7 },
    { kind: 'toString' },
    { kind: 'trained' },
    { kind: 'trained', step: '3', checkpointId: 'a' },
    { kind: 'inferred', latent: null, weights: [] },
  ])('refuses %j', (outcome) => expect(isOutcome(outcome)).toBe(false))
})

describe('toEnding', () => {
  it('keeps an outcome that is one', () => {
    const outcome = { kind: 'trained', step: 3, checkpointId: 'a' }
    expect(toEnding({ kind: 'finished', outcome })).toEqual({ kind: 'finished', outcome })
    expect(toEnding({ kind: 'finished', outcome: null })).toEqual({ kind: 'finished', outcome: null })
  })
  it('fails work whose outcome is none', () =>
    expect(toEnding({ kind: 'finished', outcome: { kind: 'trained' } })).toMatchObject({ code: 'internal' }))
})

describe('errorToEnding', () => {
  const log = () => 'ABC123'
  it('takes cancelling as no error', () =>
    expect(errorToEnding(new CancelledError(), log)).toEqual({ kind: 'cancelled' }))
  it('says what an AppError says', () =>
    expect(errorToEnding(new AppError('bad-input', 'No.', { hint: 'Yes.' }), log)).toEqual({
      ...{ kind: 'failed', code: 'bad-input', message: 'No.', hint: 'Yes.' },
    }))
  it('keeps what nobody foresaw in the log and names the place', () => {
    const ending = errorToEnding(new TypeError('secret'), log)
    expect(ending).toMatchObject({ code: 'internal', message: expect.stringContaining('ABC123') as string })
    expect(JSON.stringify(ending)).not.toContain('secret')
  })
})

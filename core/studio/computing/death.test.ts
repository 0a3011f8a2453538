import { expect, it } from 'vitest'
import { describeDeath } from './death.ts'

it.each([
  ['signal SIGKILL', 'killed by the system: out of memory?'],
  ['exit code 137', 'killed by the system: out of memory?'],
  ['signal SIGABRT', 'its native code gave up: out of memory?'],
  ['signal SIGSEGV', 'a fault in native code'],
  ['signal SIGTERM', 'ended from outside by SIGTERM'],
  ['exit code 1', 'ended with code 1'],
  ['it did not answer for 60 seconds', 'it did not answer for 60 seconds'],
])('says %s in words', (reason, words) =>
  expect(describeDeath(reason)).toBe(`The computing process stopped (${words}).`),
)

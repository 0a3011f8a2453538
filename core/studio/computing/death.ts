/** Why a computing process is no more, in words for people. */

const causes: readonly (readonly [RegExp, string])[] = [
  [/^(signal SIGKILL|exit code (9|137))$/, 'killed by the system: out of memory?'],
  [/^(signal SIGABRT|exit code (6|134))$/, 'its native code gave up: out of memory?'],
  [/^(signal SIG(SEGV|BUS|ILL|FPE)|exit code (4|7|8|11|132|135|136|139|3221225477))$/, 'a fault in native code'],
  [/^signal (\w+)$/, 'ended from outside by $1'],
  [/^exit code (\d+)$/, 'ended with code $1'],
]

/** @param reason a port's `exit code 1` or `signal SIGKILL`, or the supervisor's own words */
export function describeDeath(reason: string): string {
  const [pattern, words] = causes.find(([each]) => each.test(reason)) ?? [/^[^]*$/, reason]
  return `The computing process stopped (${reason.replace(pattern, words)}).`
}

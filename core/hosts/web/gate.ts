/**
 * Who may come in: the person who started the program and got its link, from a page that the program served, and nobody else. Another web page
 * in the same browser is kept out by Origin (and the cookie's SameSite), a foreign name that resolves to this machine (DNS rebinding) by Host.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { isIP } from 'node:net'

export interface Visit {
  readonly method: string
  readonly host: string | undefined
  readonly origin: string | undefined
  /** The session cookie's value. */
  readonly session: string | undefined
}

export type Refusal = 'foreign-host' | 'foreign-origin' | 'no-session'

export class Gate {
  readonly #names: ReadonlySet<string>
  #token: string | undefined
  readonly #sessions: Buffer[] = []

  /** @param names host names besides localhost and plain addresses under which this program may be called */
  constructor(names: readonly string[] = []) {
    this.#names = new Set(['localhost', ...names].map((name) => name.toLowerCase()))
  }

  /** A token for one link; an earlier one that was not used is void from now on. */
  issueToken(): string {
    this.#token = randomBytes(24).toString('base64url')
    return this.#token
  }

  /** @returns the value of a new session's cookie, or undefined for a token that is wrong or was used */
  redeem(token: string): string | undefined {
    if (this.#token === undefined || !isSame(digest(token), digest(this.#token))) return undefined
    this.#token = undefined
    const session = randomBytes(32).toString('base64url')
    this.#sessions.push(digest(session))
    return session
  }

  /** Before anything is looked at, the first visit with a token included. */
  refuseAddress({ host, origin, method }: Visit): Refusal | undefined {
    if (!this.#isOwnHost(host)) return 'foreign-host'
    if (origin !== undefined && origin !== `http://${host}`) return 'foreign-origin'
    // Browsers send an Origin with everything that could change something.
    if (origin === undefined && method !== 'GET' && method !== 'HEAD') return 'foreign-origin'
    return undefined
  }

  /** @param upgrading a WebSocket: always with an Origin, since browsers let any page open one */
  refuse(visit: Visit, upgrading: boolean): Refusal | undefined {
    const address = this.refuseAddress(upgrading ? { ...visit, method: 'POST' } : visit)
    if (address !== undefined) return address
    const { session } = visit
    if (session === undefined) return 'no-session'
    const wanted = digest(session)
    return this.#sessions.some((known) => isSame(known, wanted)) ? undefined : 'no-session'
  }

  /** The port may differ (an SSH tunnel); a plain address needs no name server, so nobody can have bent it. */
  #isOwnHost(host: string | undefined): boolean {
    const name = host === undefined ? undefined : URL.parse(`http://${host}`)?.hostname.toLowerCase()
    if (name === undefined) return false
    return this.#names.has(name) || isIP(name.replace(/^\[(.*)\]$/, '$1')) !== 0
  }
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}

function isSame(a: Buffer, b: Buffer): boolean {
  return timingSafeEqual(a, b)
}

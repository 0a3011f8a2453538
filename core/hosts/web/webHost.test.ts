/** The web host as a stranger meets it: real HTTP and WebSocket on this machine, one test for each attack. */
import { decode, encode } from '@msgpack/msgpack'
import { once } from 'node:events'
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http'
import { connect as openTcp } from 'node:net'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createEchoStudio } from './testing.ts'
import { openWebHost, type WebHost } from './webHost.ts'

const studio = createEchoStudio()
const pages = mkdtempSync(join(tmpdir(), 'tandem-pages-'))
let host: WebHost
let cookie: string

beforeAll(async () => {
  writeFileSync(join(pages, 'index.html'), '<!doctype html><title>Tandem Studio</title>')
  writeFileSync(join(pages, '..', 'tandem-secret.txt'), 'classified')
  host = await openWebHost({ studio, pages })
  cookie = await signIn()
})
afterAll(async () => {
  await host.close()
  rmSync(pages, { recursive: true })
  rmSync(join(pages, '..', 'tandem-secret.txt'))
})

interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** Node's own client: it sends the path and the headers exactly as given. */
function send(
  path: string,
  headers: Record<string, string> = {},
  method = 'GET',
  body?: Buffer | string,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = httpRequest({ host: '127.0.0.1', port: host.port, path, method, headers }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: Buffer.concat(chunks).toString(),
        }),
      )
    })
    request.on('error', reject)
    request.end(body)
  })
}

async function signIn(): Promise<string> {
  const link = new URL(host.issueLink())
  const { headers } = await send(link.pathname + link.search)
  return String(headers['set-cookie']?.[0]).split(';')[0]
}

const own = () => ({ cookie, origin: `http://127.0.0.1:${host.port}` })
const someHash = 'ab'.repeat(32)

/** @returns 'open', or the status that the upgrade was refused with */
async function tryUpgrade(headers: Record<string, string>): Promise<string> {
  const request = httpRequest({
    ...{ host: '127.0.0.1', port: host.port, path: '/socket', agent: false },
    headers: {
      ...{ connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-version': '13' },
      'sec-websocket-key': Buffer.from('0123456789abcdef').toString('base64'),
      ...headers,
    },
  })
  request.end()
  return new Promise((resolve, reject) => {
    request.on('upgrade', (_response, socket) => {
      socket.destroy()
      resolve('open')
    })
    request.on('response', (response) => {
      response.resume()
      resolve(String(response.statusCode))
    })
    request.on('error', reject)
  })
}

describe('the link', () => {
  it('opens the studio once and leaves no token in the address', async () => {
    const link = new URL(host.issueLink())
    const first = await send(link.pathname + link.search)
    expect(first.status).toBe(303)
    expect(first.headers.location).toBe('/')
    expect(first.headers['set-cookie']?.[0]).toMatch(/HttpOnly; SameSite=Strict$/)
  })
  it('refuses a replayed one-time token', async () => {
    const link = new URL(host.issueLink())
    await send(link.pathname + link.search)
    expect((await send(link.pathname + link.search)).status).toBe(401)
  })
  it('lets whoever is in already come back with an old link', async () => {
    expect((await send('/?token=used', { cookie })).status).toBe(303)
  })
  it('voids an earlier link when another is issued', async () => {
    const earlier = new URL(host.issueLink())
    host.issueLink()
    expect((await send(earlier.pathname + earlier.search)).status).toBe(401)
  })
  it('refuses a guessed token', async () => {
    host.issueLink()
    expect((await send('/?token=guess')).status).toBe(401)
  })
})

describe('attacks', () => {
  it.each(['/', '/contents/' + someHash, '/downloads/x', '/index.html', '/nothing'])('no token: %s', async (path) => {
    expect((await send(path)).status).toBe(401)
  })
  it('a made-up cookie', async () => {
    expect((await send('/', { cookie: `tandem-${host.port}=${'a'.repeat(43)}` })).status).toBe(401)
  })
  it('foreign Origin: a page elsewhere asks with the cookie', async () => {
    expect((await send('/', { cookie, origin: 'https://evil.example' })).status).toBe(403)
  })
  it('foreign Origin: another port of this machine', async () => {
    expect((await send('/', { cookie, origin: 'http://127.0.0.1:1' })).status).toBe(403)
  })
  it('foreign Origin: a WebSocket from a page elsewhere', async () => {
    expect(await tryUpgrade({ cookie, origin: 'https://evil.example' })).toBe('403')
  })
  it('a WebSocket without Origin', async () => {
    expect(await tryUpgrade({ cookie })).toBe('403')
  })
  it('a WebSocket without token', async () => {
    expect(await tryUpgrade({ origin: own().origin })).toBe('401')
  })
  it('a WebSocket of our own page is let in', async () => {
    expect(await tryUpgrade(own())).toBe('open')
  })
  it('DNS rebinding Host: a foreign name that leads here', async () => {
    const headers = { cookie, host: `evil.example:${host.port}`, origin: `http://evil.example:${host.port}` }
    expect((await send('/', headers)).status).toBe(421)
    const link = new URL(host.issueLink())
    expect((await send(link.pathname + link.search, headers)).status).toBe(421)
  })
  it.each(['localhost.evil.example', '127.0.0.1.evil.example', 'evil@127.0.0.1.example'])('Host “%s”', async (name) => {
    expect([400, 421]).toContain((await send('/', { cookie, host: name })).status)
  })
  it('a tunnel changes the port of Host, and that is fine', async () => {
    expect((await send('/', { cookie, host: 'localhost:9999' })).status).toBe(200)
  })
  it('a write without Origin', async () => {
    expect((await send('/uploads/x/a.png', { cookie }, 'PUT', 'bytes')).status).toBe(403)
  })
  it.each([
    '/../tandem-secret.txt',
    '/..%2ftandem-secret.txt',
    '/%2e%2e/tandem-secret.txt',
    '/..\\tandem-secret.txt',
    '//etc/passwd',
  ])('path traversal in pages: %s', async (path) => {
    const { status, body } = await send(path, { cookie })
    expect(status).toBeGreaterThanOrEqual(400)
    expect(body).not.toContain('classified')
  })
  it.each(['..%2f..%2fetc%2fpasswd', 'x'.repeat(64), `${someHash}%00`, '..'])(
    'path traversal in ids: %s',
    async (id) => {
      expect((await send(`/contents/${id}`, { cookie })).status).toBe(404)
    },
  )
  it('path traversal in the names of uploads', async () => {
    expect((await send('/uploads/u/..%2f..%2fx', own(), 'PUT', 'bytes')).status).toBe(400)
  })
  it('an upload that says it is larger than the limit', async () => {
    const socket = openTcp(host.port, '127.0.0.1')
    const { origin } = own()
    socket.write(
      `PUT /uploads/u/a HTTP/1.1\r\nHost: 127.0.0.1:${host.port}\r\nOrigin: ${origin}\r\nCookie: ${cookie}\r\nContent-Type: application/octet-stream\r\nContent-Length: 99999999999999\r\n\r\n`,
    )
    const [answer] = (await once(socket, 'data')) as [Buffer]
    socket.destroy()
    expect(answer.toString()).toMatch(/^HTTP\/1.1 413/)
  })
  it('headers keep scripts, frames and sniffing out', async () => {
    const { headers } = await send('/', { cookie })
    expect(headers['content-security-policy']).toContain("default-src 'none'")
    expect(headers['content-security-policy']).not.toMatch(/unsafe|\*|http/)
    expect(headers['x-content-type-options']).toBe('nosniff')
    expect(headers['x-frame-options']).toBeDefined()
    expect(headers['cross-origin-opener-policy']).toBe('same-origin')
    expect(headers['referrer-policy']).toBe('no-referrer')
    expect(headers['access-control-allow-origin']).toBeUndefined()
  })
})

describe('files', () => {
  const path = `/contents/${someHash}`
  it('are sent whole, to be kept for ever', async () => {
    const { status, headers, body } = await send(path, { cookie })
    expect([status, body, headers['content-type']]).toEqual([200, '0123456789', 'image/png'])
    expect(headers['cache-control']).toContain('immutable')
  })
  it('are not sent again to a browser that has them', async () => {
    expect((await send(path, { cookie, 'if-none-match': `"${someHash}"` })).status).toBe(304)
  })
  it.each([
    ['bytes=2-4', 206, '234', 'bytes 2-4/10'],
    ['bytes=7-', 206, '789', 'bytes 7-9/10'],
    ['bytes=-3', 206, '789', 'bytes 7-9/10'],
    ['bytes=5-99', 206, '56789', 'bytes 5-9/10'],
    ['bytes=10-', 416, '', 'bytes */10'],
    ['bytes=4-2', 416, '', 'bytes */10'],
    ['bytes=x', 200, '0123456789', undefined],
    ['bytes=0-1,4-5', 200, '0123456789', undefined],
  ])('in part: %s', async (range, status, body, contentRange) => {
    const answer = await send(path, { cookie, range })
    expect([answer.status, answer.body, answer.headers['content-range']]).toEqual([status, body, contentRange])
  })
  it('are downloaded under their own name', async () => {
    const { headers } = await send('/downloads/x', { cookie })
    expect(headers['content-disposition']).toBe("attachment; filename*=UTF-8''Vase%20%E2%80%9C3%E2%80%9D.png")
  })
  it('come in under the name that the page gave them', async () => {
    const { status } = await send('/uploads/u/red/vase%201.png', own(), 'PUT', Buffer.from([1, 2, 3]))
    expect(status).toBe(204)
    expect(studio.received.at(-1)).toEqual({ uploadId: 'u', path: 'red/vase 1.png', bytes: Buffer.from([1, 2, 3]) })
  })
})

describe('the socket', () => {
  async function open(): Promise<WebSocket> {
    // Node's WebSocket takes headers, which a browser sends by itself.
    const address = `ws://127.0.0.1:${host.port}/socket`
    const socket = Reflect.construct(WebSocket, [address, { headers: own() }]) as WebSocket
    socket.binaryType = 'arraybuffer'
    await once(socket, 'open')
    return socket
  }
  async function next(socket: WebSocket): Promise<unknown> {
    const [{ data }] = (await once(socket, 'message')) as [{ data: ArrayBuffer }]
    return decode(data)
  }

  it('answers a request under its number, bytes staying bytes', async () => {
    const socket = await open()
    const data = new Uint8Array([0, 255, 7])
    socket.send(encode({ id: 7, name: 'some:request', input: { data } }))
    expect(await next(socket)).toEqual({
      kind: 'reply',
      id: 7,
      reply: { ok: true, value: { name: 'some:request', input: { data } } },
    })
    socket.close()
  })
  it('tells events to every page', async () => {
    const [one, two] = await Promise.all([open(), open()])
    const told = Promise.all([next(one), next(two)])
    studio.tell('project:closed', { projectId: 'p' })
    const event = { kind: 'event', name: 'project:closed', payload: { projectId: 'p' } }
    expect(await told).toEqual([event, event])
    one.close()
    two.close()
  })
  it.each([
    ['text', 'hello'],
    ['broken bytes', new Uint8Array([0xc1])],
    ['no request', encode([1, 2])],
    ['a number that is none', encode({ id: 'x', name: 'a:b' })],
  ])('closes on %s', async (_what, frame) => {
    const socket = await open()
    const closed = once(socket, 'close') as Promise<[CloseEvent]>
    socket.send(frame as Uint8Array<ArrayBuffer>)
    expect((await closed)[0].code).toBe(1003)
  })
  it('closes on an oversized message', async () => {
    const socket = await open()
    const closed = once(socket, 'close') as Promise<[CloseEvent]>
    socket.send(new Uint8Array(64 * 2 ** 20 + 1))
    expect((await closed)[0].code).toBe(1009)
  })
})

/** The studio for ordinary browsers: pages over HTTP, the contract over a WebSocket, for the one person who has the link. */
import cookie from '@fastify/cookie'
import helmet from '@fastify/helmet'
import files from '@fastify/static'
import websocket from '@fastify/websocket'
import fastify, { type FastifyInstance, type FastifyRequest } from 'fastify'
import type { AddressInfo } from 'node:net'
import { mostBytes } from '../../contract/fields.ts'
import type { Studio } from '../../studio/host/studio.ts'
import { addFileRoutes } from './files.ts'
import { Gate, type Refusal } from './gate.ts'
import { connect } from './socket.ts'

export interface WebHostOptions {
  readonly studio: Studio
  /** Folder of the built pages. */
  readonly pages: string
  /** 127.0.0.1 unless the person asked for another one. */
  readonly address?: string
  /** 0 is any free one. */
  readonly port?: number
  /** Further names under which browsers may call. */
  readonly names?: readonly string[]
}

export interface WebHost {
  readonly port: number
  /** A link that opens the studio once; an earlier link that was not used is void. */
  issueLink(): string
  close(): Promise<void>
}

const refusals: Record<Refusal, { status: number; message: string }> = {
  'foreign-host': { status: 421, message: 'This address is not one of Tandem Studio. Use the link that it printed.' },
  'foreign-origin': { status: 403, message: 'Another web page may not talk to Tandem Studio.' },
  'no-session': {
    status: 401,
    message:
      'Open the link that Tandem Studio printed. A link works once; press Enter where the program runs for another.',
  },
}

/** @throws AppError or the system's error when the port cannot be had */
export async function openWebHost(options: WebHostOptions): Promise<WebHost> {
  const { studio, pages, address = '127.0.0.1', port = 0, names } = options
  const gate = new Gate(names)
  const server = fastify({ bodyLimit: mostBytes.upload, logger: false, forceCloseConnections: true })
  // A browser sends cookies to every port of a machine, so each program has its own name for it.
  const cookieName = () => `tandem-${portOf(server)}`

  await server.register(cookie)
  await server.register(helmet, headers)
  await server.register(websocket, { options: { maxPayload: mostBytes.message } })
  // Uploads are streams; nothing else has a body.
  server.removeAllContentTypeParsers()
  server.addContentTypeParser('*', (_request, payload, done) => done(null, payload))

  server.addHook('onRequest', async (request, reply) => {
    const visit = {
      method: request.method,
      host: request.headers.host,
      origin: request.headers.origin,
      session: request.cookies[cookieName()],
    }
    const token = tokenOf(request)
    const refusal = token === undefined ? gate.refuse(visit, isSocket(request)) : gate.refuseAddress(visit)
    if (refusal !== undefined)
      return reply.code(refusals[refusal].status).type('text/plain; charset=utf-8').send(refusals[refusal].message)
    if (token === undefined) return isTooLarge(request) ? reply.code(413).send() : undefined
    const session = gate.redeem(token)
    // Whoever is in already comes back with an old link from the history.
    if (session === undefined && gate.refuse(visit, false) !== undefined)
      return reply.code(401).type('text/plain; charset=utf-8').send(refusals['no-session'].message)
    if (session !== undefined) reply.setCookie(cookieName(), session, { httpOnly: true, sameSite: 'strict', path: '/' })
    return reply.redirect('/', 303)
  })

  server.get('/socket', { websocket: true }, (socket) => connect(socket, studio))
  addFileRoutes(server, studio)
  await server.register(files, { root: pages, cacheControl: true, maxAge: 0 })
  await server.listen({ host: address, port })
  return {
    port: portOf(server),
    issueLink: () =>
      `http://${isEverywhere(address) ? 'localhost' : bracketed(address)}:${portOf(server)}/?token=${gate.issueToken()}`,
    close: () => server.close(),
  }
}

const headers = {
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      'default-src': ["'none'"],
      'script-src': ["'self'"],
      'style-src': ["'self'"],
      'font-src': ["'self'"],
      'img-src': ["'self'", 'blob:', 'data:'],
      'connect-src': ["'self'"],
      'worker-src': ["'self'"],
      'manifest-src': ["'self'"],
      'base-uri': ["'none'"],
      'form-action': ["'none'"],
      'frame-ancestors': ["'none'"],
    },
  },
  // Plain HTTP on this machine.
  strictTransportSecurity: false,
  crossOriginEmbedderPolicy: true,
  referrerPolicy: { policy: 'no-referrer' },
} as const

function tokenOf(request: FastifyRequest): string | undefined {
  const { token } = request.query as { token?: unknown }
  return request.method === 'GET' && request.url.startsWith('/?') && typeof token === 'string' ? token : undefined
}

function isSocket(request: FastifyRequest): boolean {
  return request.routeOptions.url === '/socket'
}

/** Said before a byte of it came; what says nothing or lies is counted as it comes in. */
function isTooLarge({ headers }: FastifyRequest): boolean {
  return Number(headers['content-length'] ?? 0) > mostBytes.upload
}

function portOf(server: FastifyInstance): number {
  return (server.server.address() as AddressInfo).port
}

function isEverywhere(address: string): boolean {
  return address === '0.0.0.0' || address === '::'
}

function bracketed(address: string): string {
  return address.includes(':') ? `[${address}]` : address
}

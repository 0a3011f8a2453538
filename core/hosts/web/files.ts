/** Files over HTTP: pictures of the project, downloads, uploads. The same addresses serve Electron's own scheme. */
import type { FastifyInstance, FastifyReply } from 'fastify'
import { Readable } from 'node:stream'
import { AppError } from '../../domain/errors.ts'
import { toWireError } from '../../contract/reply.ts'
import type { StoredFile, Studio } from '../../studio/host/studio.ts'
import { parseRange } from './range.ts'

const statusOf: Partial<Record<string, number>> = {
  'not-found': 404,
  misuse: 400,
  'bad-input': 400,
  'storage-failed': 507,
}

export function addFileRoutes(server: FastifyInstance, studio: Studio): void {
  server.get<{ Params: { hash: string } }>('/contents/:hash', (request, reply) => {
    const file = studio.findContent(request.params.hash)
    // A name that is the hash of its bytes can be kept for ever.
    reply.header('cache-control', 'private, max-age=31536000, immutable').header('etag', `"${request.params.hash}"`)
    if (request.headers['if-none-match'] === `"${request.params.hash}"`) return reply.code(304).send()
    return sendFile(reply, file, request.headers.range)
  })
  server.get<{ Params: { id: string } }>('/downloads/:id', (request, reply) => {
    const file = studio.findDownload(request.params.id)
    reply
      .header('cache-control', 'no-store')
      .header('content-disposition', `attachment; filename*=UTF-8''${encodeURIComponent(file.name)}`)
    return sendFile(reply, file, request.headers.range)
  })
  server.put<{ Params: { id: string; '*': string } }>('/uploads/:id/*', async (request, reply) => {
    await studio.receiveFile(
      request.params.id,
      request.params['*'],
      (request.body as Readable | undefined) ?? Readable.from([]),
    )
    return reply.code(204).send()
  })
  server.setErrorHandler((error, request, reply) => {
    const wire = toWireError(error, (cause) => {
      request.log.error(cause)
      return request.id
    })
    const given = error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : undefined
    const status = error instanceof AppError ? (statusOf[error.code] ?? 500) : (given ?? 500)
    return reply
      .code(status)
      .send(status < 500 && !(error instanceof AppError) ? { code: 'misuse', message: String(error) } : wire)
  })
}

function sendFile(reply: FastifyReply, file: StoredFile, wanted: string | undefined): FastifyReply {
  const range = parseRange(wanted, file.sizeBytes)
  reply.header('accept-ranges', 'bytes').type(file.type)
  if (range === 'unsatisfiable') return reply.code(416).header('content-range', `bytes */${file.sizeBytes}`).send()
  if (range === undefined) return reply.header('content-length', file.sizeBytes).send(file.open())
  const { first, last } = range
  return reply
    .code(206)
    .header('content-range', `bytes ${first}-${last}/${file.sizeBytes}`)
    .header('content-length', last - first + 1)
    .send(file.open(range))
}

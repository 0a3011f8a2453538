/**
 * app://studio/: the pages, the project's pictures, downloads and uploads, under the same addresses as in the web host. A scheme of our own
 * gives the pages a real origin that the sender check and the content security policy can name.
 */
import { protocol } from 'electron'
import { readFile } from 'node:fs/promises'
import { extname, join, sep } from 'node:path'
import { Readable } from 'node:stream'
import type { ReadableStream } from 'node:stream/web'
import { AppError } from '../core/domain/errors.ts'
import { parseRange } from '../core/hosts/web/range.ts'
import type { StoredFile, Studio } from '../core/studio/host/studio.ts'

export const origin = 'app://studio'

const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "font-src 'self'",
  "img-src 'self' blob: data:",
  "connect-src 'self'",
  "worker-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
  '.json': 'application/json',
}

/** Before the app is ready. */
export function registerAppScheme(): void {
  const privileges = { standard: true, secure: true, supportFetchAPI: true, stream: true }
  protocol.registerSchemesAsPrivileged([{ scheme: 'app', privileges }])
}

/** @param pages folder of the built pages */
export function serveAppScheme(studio: Studio, pages: string): void {
  protocol.handle('app', async (request) => {
    const { host, pathname } = new URL(request.url)
    if (host !== 'studio') return refuse(404)
    try {
      const [, kind, id = '', ...rest] = pathname.split('/').map(decodeURIComponent)
      if (request.method === 'PUT' && kind === 'uploads') {
        const body = request.body ? Readable.fromWeb(request.body as ReadableStream) : Readable.from([])
        await studio.receiveFile(id, rest.join('/'), body)
        return new Response(null, { status: 204 })
      }
      if (request.method !== 'GET') return refuse(405)
      const range = request.headers.get('range') ?? undefined
      if (kind === 'contents') return sendFile(studio.findContent(id), range, 'private, max-age=31536000, immutable')
      if (kind === 'downloads') return sendFile(studio.findDownload(id), range, 'no-store')
      return await sendPage(pages, pathname)
    } catch (error) {
      if (!(error instanceof AppError)) throw error
      return refuse(error.code === 'not-found' ? 404 : 400, error.message)
    }
  })
}

async function sendPage(pages: string, pathname: string): Promise<Response> {
  const file = join(pages, pathname === '/' ? 'index.html' : decodeURIComponent(pathname))
  if (!file.startsWith(pages.endsWith(sep) ? pages : pages + sep)) return refuse(404)
  const bytes = await readFile(file).catch(() => undefined)
  if (bytes === undefined) return refuse(404)
  return new Response(new Uint8Array(bytes), {
    headers: {
      'content-type': types[extname(file)] ?? 'application/octet-stream',
      'content-security-policy': policy,
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
    },
  })
}

function sendFile(file: StoredFile, wanted: string | undefined, cacheControl: string): Response {
  const range = parseRange(wanted, file.sizeBytes)
  if (range === 'unsatisfiable') return refuse(416)
  const headers: Record<string, string> = {
    'content-type': file.type,
    'cache-control': cacheControl,
    'accept-ranges': 'bytes',
    'content-length': String(range ? range.last - range.first + 1 : file.sizeBytes),
    'content-disposition': `inline; filename*=UTF-8''${encodeURIComponent(file.name)}`,
  }
  if (range) headers['content-range'] = `bytes ${range.first}-${range.last}/${file.sizeBytes}`
  return new Response(Readable.toWeb(file.open(range)), { status: range ? 206 : 200, headers })
}

function refuse(status: number, message = ''): Response {
  return new Response(message, { status })
}

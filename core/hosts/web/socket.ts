/** One page's WebSocket: requests in, replies and events out. */
import type { WebSocket } from '@fastify/websocket'
import type { Studio } from '../../studio/host/studio.ts'
import { decodeQuestion, encodeAnswer } from './wire.ts'

/** A page that is this far behind gets no more frames of a refinement until it has caught up. */
const BEHIND_BYTES = 4 * 2 ** 20
/** A page that does not read at all is let go. */
const LOST_BYTES = 256 * 2 ** 20
/** Closing code for a frame that no page of ours sends (RFC 6455: unsupported data). */
const NOT_A_QUESTION = 1003

export function connect(socket: WebSocket, studio: Studio): void {
  const deafen = studio.listen((name, payload) => {
    if (socket.bufferedAmount > LOST_BYTES) return socket.terminate()
    if (name === 'picture:refined' && socket.bufferedAmount > BEHIND_BYTES && !isLast(payload)) return
    socket.send(encodeAnswer({ kind: 'event', name, payload }))
  })
  socket.on('message', (data: Buffer, isBinary: boolean) => {
    const question = isBinary ? decodeQuestion(data) : undefined
    if (question === undefined) return socket.close(NOT_A_QUESTION, 'not a request')
    const { id, name, input } = question
    void studio.request(name, input).then((reply) => {
      if (socket.readyState === socket.OPEN) socket.send(encodeAnswer({ kind: 'reply', id, reply }))
    })
  })
  socket.on('close', deafen)
  socket.on('error', () => socket.terminate())
}

function isLast(payload: object): boolean {
  return 'step' in payload && 'steps' in payload && payload.step === payload.steps
}

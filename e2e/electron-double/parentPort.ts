/** `node --import`, in a utility process: Electron's port to the parent in the place of Node's own. */
import { EventEmitter } from 'node:events'

const send = process.send?.bind(process)
const port = Object.assign(new EventEmitter(), { postMessage: (message: unknown) => void send?.(message) })
// Only whoever listens keeps the process alive.
port.once('newListener', () => process.on('message', (data) => port.emit('message', { data, ports: [] })))
Object.assign(process, { parentPort: port, send: undefined })

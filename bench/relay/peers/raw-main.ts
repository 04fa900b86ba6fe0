/**
 * No broker: whatever devices send is written to the subscriber as it is, or with the argument `sink` nowhere. How fast
 * Node's sockets, and the load itself, can be.
 */

import { once } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { FrameReader } from '../frames.js'

const CONNACK = Buffer.from([0x20, 2, 0, 0])
const SUBACK = Buffer.from([0x90, 3, 0, 1, 0])
const isSink = process.argv[2] === 'sink'
/** Connects before the devices do. */
let subscriber: Socket | undefined

const server = createServer(socket => {
  const reader = new FrameReader()
  let isDevice = false
  socket.on('error', () => {})
  socket.on('data', chunk => {
    if (isDevice) relay(socket, reader, chunk)
    else {
      reader.read(chunk, first => {
        if (first >> 4 === 1) {
          socket.write(CONNACK)
          isDevice = subscriber !== undefined
        }
        if (first >> 4 === 8) {
          subscriber = socket.setMaxListeners(0)
          socket.write(SUBACK)
        }
      })
    }
  })
}).listen(0, '127.0.0.1')

/** Whole frames on to the subscriber, PUBACKs back, each in one write for a chunk. */
function relay (socket: Socket, reader: FrameReader, chunk: Buffer): void {
  const acks: number[] = []
  const whole = reader.read(chunk, (first, bytes, from) => {
    if ((first & 6) === 0) return
    const idAt = from + 2 + bytes.readUInt16BE(from)
    acks.push(0x40, 2, bytes[idAt]!, bytes[idAt + 1]!)
  })
  if (acks.length > 0) socket.write(Buffer.from(acks))
  if (isSink || whole.length === 0 || subscriber === undefined || subscriber.write(whole)) return
  socket.pause()
  subscriber.once('drain', () => socket.resume())
}

await once(server, 'listening')
process.send?.((server.address() as AddressInfo).port)
process.on('disconnect', () => process.exit())

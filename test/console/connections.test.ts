/** The API's own sockets: strangers hold no more of them than they may, and keep nobody out. */

import t, { type Test } from 'tap'
import { once } from 'node:events'
import { connect, type AddressInfo, type Socket } from 'node:net'
import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import { buildApi } from '../../src/console/api.js'
import { openCore } from '../../src/core.js'

const MAX_STRANGERS = 512
const HEAD = 'GET /openapi.json HTTP/1.1\r\nHost: 127.0.0.1\r\n'

interface Listening {
  readonly api: FastifyInstance
  readonly url: string
  readonly token: string
  /** Resolves when the server has it. */
  open (text: string): Promise<Socket>
  close (): Promise<void>
}

async function listening (t: Test, data = t.testdir()): Promise<Listening> {
  const core = await openCore({ config: 'config', data }, 'command')
  const api = buildApi({ core })
  const url = await api.listen({ host: '127.0.0.1', port: 0 })
  const { token } = await core.registry.tokens.create('ops')
  const { port } = api.server.address() as AddressInfo
  const sockets: Socket[] = []
  const close = async (): Promise<void> => { await api.close() }
  t.teardown(async () => {
    for (const socket of sockets) socket.destroy()
    await close()
    await core.close()
  })
  const open = async (text: string): Promise<Socket> => {
    const accepted = once(api.server, 'connection')
    const socket = connect(port, '127.0.0.1').on('error', () => {})
    sockets.push(socket)
    await Promise.all([once(socket, 'connect'), accepted])
    socket.write(text)
    return socket
  }
  return { api, url, token, open, close }
}

async function ended (socket: Socket): Promise<void> {
  socket.resume()
  if (!socket.closed) await once(socket, 'close')
}

const MANNERS = { silent: '', 'half of a request': HEAD, 'answers not read': `${HEAD}\r\n`.repeat(10) }

t.test('strangers: more than there may be, of any manners -> the oldest go; a token gets in, and stays', async t => {
  const folder = t.testdir()
  for (const [manner, text] of Object.entries(MANNERS)) {
    const { url, token, open } = await listening(t, join(folder, manner))
    const known = await open(`GET /v1/session HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer ${token}\r\n\r\n`)
    t.match(String((await once(known, 'data'))[0]), /^HTTP\/1\.1 200 /)
    const strangers: Socket[] = []
    for (let i = 0; i < MAX_STRANGERS + 20; i++) strangers.push(await open(text))
    await Promise.all(strangers.slice(0, 20).map(ended))
    t.notOk(strangers.at(-1)?.closed, manner)
    t.notOk(known.closed, manner)
    const answer = await fetch(`${url}/v1/session`, { headers: { authorization: `Bearer ${token}` } })
    t.equal(answer.status, 200, manner)
  }
})

t.test('strangers: a token that is none -> a stranger still', async t => {
  const { open } = await listening(t)
  const guesser = await open(`GET /v1/session HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer ${'g'.repeat(40)}\r\n\r\n`)
  t.match(String((await once(guesser, 'data'))[0]), /^HTTP\/1\.1 401 /)
  for (let i = 0; i < MAX_STRANGERS; i++) await open('')
  await ended(guesser)
})

t.test('a head that does not end -> closed, long before the time for a whole request', async t => {
  const { api } = await listening(t)
  t.equal(api.server.headersTimeout, 10_000)
  t.ok(api.server.requestTimeout >= api.server.headersTimeout)
})

t.test('end: connections on which nothing was asked -> do not hold it up', async t => {
  const { open, close } = await listening(t)
  const unused = await open('')
  await Promise.all([close(), ended(unused)])
})

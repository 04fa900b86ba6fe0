/**
 * Appends disclosures to a Redis stream.
 *
 * ```
 * stream                     entries: id, report, disclosure
 * {stream}:seen:RECIPIENT    sorted set of the last 10,000 ids, by the time of their append
 * ```
 * A batch is one script, which Redis runs as a whole: an id in the set is not appended again. What failed comes again
 * before anything else of that recipient, so that the set need not be long. Delivered means that the script has answered;
 * how durable that is, `appendfsync` of the server says.
 */

import type { Socket } from 'node:net'
import { createClient } from '@redis/client'
import type { Disclosure } from '../../model/disclosure.js'
import type { CurtilageError } from '../../model/errors.js'
import type { RedisPlace } from '../../model/sink-settings.js'
import type { Refusal } from '../../outbox/sink.js'
import { addressOf, LEAST_TLS, serverName } from '../remote/address.js'
import { readCredential } from '../remote/credential.js'
import { HeldSockets } from '../remote/held-sockets.js'
import type { Link } from '../remote/link-sink.js'
import { slicesOf } from '../remote/slices.js'
import { openSocket } from '../remote/socket.js'
import type { Troubles } from '../remote/trouble.js'
import { within } from '../remote/within.js'

/** Redis does nothing else while it runs a script. */
const MAX_SCRIPT_BYTES = 1024 * 1024

const APPEND = `
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
for i = 2, #ARGV, 3 do
  if redis.call('ZADD', KEYS[2], 'NX', now + i, ARGV[i]) == 1 then
    local entry = { 'id', ARGV[i], 'report', ARGV[i + 1], 'disclosure', ARGV[i + 2] }
    if ARGV[1] == '' then
      redis.call('XADD', KEYS[1], '*', unpack(entry))
    else
      redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[1], '*', unpack(entry))
    end
  end
end
redis.call('ZREMRANGEBYRANK', KEYS[2], 0, -10001)
return 1`

type Client = ReturnType<typeof clientOf>

export async function openRedisLink (place: RedisPlace, recipient: string, troubles: Troubles, signal: AbortSignal): Promise<RedisLink> {
  const address = await addressOf(place, troubles)
  const password = place.passwordFile === undefined ? undefined : await readCredential(place.passwordFile, troubles)
  // over TLS the client takes a connection of ours; else it makes its own
  const carrier = address.tls === undefined ? undefined : await openSocket({ ...address, tls: undefined }, signal)
  const held = new HeldSockets()
  const client = clientOf(place, address, password, carrier?.stream)
  // told by the command that fails
  client.on('error', () => {})
  const link = new RedisLink(client, place, recipient, troubles, () => { carrier?.cut(); held.cut() })
  signal.addEventListener('abort', () => { link.cut() }, { once: true })
  await held.run(async () => await client.connect())
  // it connected too late, after the cut
  if (signal.aborted) link.cut()
  return link
}

export class RedisLink implements Link {
  readonly #client: Client
  readonly #place: RedisPlace
  readonly #keys: string[]
  readonly #troubles: Troubles
  readonly #cutSockets: () => void

  constructor (client: Client, place: RedisPlace, recipient: string, troubles: Troubles, cutSockets: () => void) {
    this.#cutSockets = cutSockets
    this.#client = client
    this.#place = place
    this.#keys = [place.stream, `{${place.stream}}:seen:${recipient}`]
    this.#troubles = troubles
  }

  get usable (): boolean {
    return this.#client.isReady
  }

  async send (batch: readonly Disclosure[], signal: AbortSignal): Promise<Refusal[]> {
    for (const { disclosures } of slicesOf(batch, MAX_SCRIPT_BYTES)) {
      await within(signal, this.#place.timeoutMs, () => this.#troubles.timedOut(), async () => await this.#append(disclosures))
    }
    return []
  }

  cut (): void {
    this.#cutSockets()
    this.#client.destroy()
  }

  async #append (disclosures: readonly Disclosure[]): Promise<void> {
    const entries = disclosures.flatMap(({ id, report, bytes }) => [id, report, Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)])
    await this.#client.eval(APPEND, { keys: this.#keys, arguments: [String(this.#place.maxLength ?? ''), ...entries] as string[] })
  }
}

function clientOf ({ url, userName, timeoutMs }: RedisPlace, { host, port, tls }: Awaited<ReturnType<typeof addressOf>>, password: string | undefined, carrier: Socket | undefined) {
  const database = Number(new URL(url).pathname.slice(1))
  const common = { host, port, reconnectStrategy: false, connectTimeout: timeoutMs } as const
  return createClient({
    socket: tls === undefined ? common : { ...common, tls: true, ...(carrier !== undefined && { socket: carrier }), ...serverName(host), ...tls, minVersion: LEAST_TLS },
    ...(userName !== undefined && { username: userName }),
    ...(password !== undefined && { password }),
    database,
    disableOfflineQueue: true,
    disableClientInfo: true,
    maintNotifications: 'disabled'
  })
}

/** Redis begins an error with a word for its kind. The rest may hold anything. */
export function explainRedis (troubles: Troubles): (error: unknown) => CurtilageError {
  return error => {
    const [, kind = ''] = /^([A-Z]{2,32})\b/.exec((error as Error | undefined)?.message ?? '') ?? []
    switch (kind) {
      case 'NOAUTH':
      case 'WRONGPASS':
      case 'NOPERM': return troubles.login()
      case 'WRONGTYPE': return troubles.target('what its server holds under the name of the stream is something else')
      case 'OOM':
      case 'LOADING':
      case 'READONLY':
      case 'MISCONF':
      case 'BUSY':
      case 'MASTERDOWN':
      case 'NOREPLICAS':
      case 'ERR': return troubles.answer(`the error ${kind}`)
      default: return troubles.unreachable(error)
    }
  }
}

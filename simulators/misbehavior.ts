/** Devices that misbehave: what each does, and what a right gateway makes of it. */

import type { TlsOptions } from './connection.js'
import { cutOff, deep, duplicateKeys, invalidUtf8, KIBIBYTE, large, notJson } from './bad-payloads.js'
import type { SimulatedDevice } from './device.js'
import { Random } from './random.js'
import { Wire, type Greeting, type Publication } from './wire.js'

/** `silent`: neither an answer nor an end within twenty seconds, which is never right. */
export type Outcome = 'acknowledged' | 'closed' | 'refused' | 'silent'

/** A device of the home, registered at the gateway, in whose name the misdeed is done; and one of another home. */
export interface Subject {
  readonly url: string
  readonly device: SimulatedDevice
  readonly stranger: SimulatedDevice
  readonly password?: string
  readonly tls?: TlsOptions
  readonly epochMs: number
  readonly sequence: number
}

export interface Misbehavior {
  readonly name: string
  readonly about: string
  readonly expected: Outcome
  /** Reason of the quarantine entry that a right gateway makes. */
  readonly quarantine?: 'not-json' | 'invalid-utf8' | 'too-large' | 'too-deep' | 'duplicate-key' | 'unknown-report'
  readonly run: (subject: Subject) => Promise<Outcome>
}

export const MISBEHAVIORS: readonly Misbehavior[] = [
  payload('not-json', 'a payload that is no JSON', 'not-json', (_good, random) => notJson(random)),
  payload('cut-off', 'a report that ends in its middle', 'not-json', cutOff),
  payload('invalid-utf8', 'a name that is not UTF-8', 'invalid-utf8', invalidUtf8),
  payload('large', 'a report of 300 KB', 'too-large', good => large(good, 300 * KIBIBYTE)),
  payload('deep', '10,000 arrays in one another', 'too-deep', () => deep(10_000)),
  payload('duplicate-keys', 'two values under one key', 'duplicate-key', duplicateKeys),
  {
    name: 'huge',
    about: 'a packet of 10 MB',
    expected: 'closed',
    run: subject => send(subject, { topic: ownTopic(subject), payload: large(goodReport(subject), 10 * KIBIBYTE * KIBIBYTE) })
  },
  topic('unknown-report', 'a report type that nobody listed', 'acknowledged', ({ device }) => device.topic('horoscope')),
  topic('mac-in-topic', 'its own MAC as the report type', 'acknowledged', ({ device }) => device.topic(device.identity.mac)),
  topic('foreign-account', "another account's topic", 'closed', ({ device, stranger }) => `kasa/${stranger.account}/${device.device}/sysinfo`),
  topic('foreign-device', "another account's device", 'closed', ({ stranger }) => stranger.topic('sysinfo')),
  topic('system-topic', 'the broker\'s own topics', 'closed', () => '$SYS/broker/new/clients'),
  {
    name: 'retained-command',
    about: 'a command that would wait for itself',
    expected: 'closed',
    run: subject => send(subject, { topic: subject.device.topic('cmd/relay'), payload: Buffer.from('{"on":true}'), retain: true })
  },
  {
    name: 'wildcard',
    about: 'a subscription to everybody\'s reports',
    expected: 'closed',
    run: subject => converse(subject, {}, async wire => after(wire, (await wire.subscribe('kasa/#')) !== undefined))
  },
  {
    name: 'mac-in-client-id',
    about: 'its MAC as the client id, beside a good report',
    expected: 'acknowledged',
    run: subject => send(subject, { topic: ownTopic(subject), payload: goodReport(subject) }, { clientId: subject.device.mac })
  },
  {
    name: 'mac-in-will',
    about: 'a will that holds its MAC, then gone without a word',
    expected: 'acknowledged',
    run: subject => send(subject, { topic: ownTopic(subject), payload: goodReport(subject) }, { will: will(subject.device) })
  },
  {
    name: 'replay',
    about: 'the same packet again after reconnecting, with the duplicate mark; to be delivered once',
    expected: 'acknowledged',
    run: replay
  },
  connect('wrong-password', 'a password that is not its own', subject => ({ password: `${subject.device.password.slice(0, -2)}00` })),
  connect('unregistered', 'a device that nobody registered', () => ({ username: 'nobody-knows-me' })),
  connect('empty-client-id', 'a lasting session without a name', () => ({ clientId: '', clean: false })),
  connect('newer-protocol', 'MQTT 5, which the broker does not speak', () => ({ protocolLevel: 5 }))
]

function payload (name: string, about: string, quarantine: NonNullable<Misbehavior['quarantine']>, spoil: (good: Buffer, random: Random) => Buffer): Misbehavior {
  const run = (subject: Subject) => send(subject, { topic: ownTopic(subject), payload: spoil(goodReport(subject), randomOf(subject)) })
  return { name, about, expected: 'acknowledged', quarantine, run }
}

function topic (name: string, about: string, expected: 'acknowledged' | 'closed', where: (subject: Subject) => string): Misbehavior {
  const run = (subject: Subject) => send(subject, { topic: where(subject), payload: goodReport(subject) })
  return { name, about, expected, ...(expected === 'acknowledged' ? { quarantine: 'unknown-report' as const } : {}), run }
}

function connect (name: string, about: string, greeting: (subject: Subject) => Partial<Greeting>): Misbehavior {
  return { name, about, expected: 'refused', run: subject => send(subject, { topic: ownTopic(subject), payload: goodReport(subject) }, greeting(subject)) }
}

async function send (subject: Subject, publication: Omit<Publication, 'packetId'>, greeting: Partial<Greeting> = {}): Promise<Outcome> {
  return await converse(subject, greeting, async wire => after(wire, await wire.publish({ packetId: 1, ...publication })))
}

/** The first copy is acknowledged, so the gateway certainly has it; the second comes over a new connection. */
async function replay (subject: Subject): Promise<Outcome> {
  const publication = { topic: ownTopic(subject), payload: goodReport(subject), packetId: 7 }
  const first = await converse(subject, {}, async wire => after(wire, await wire.publish(publication)))
  if (first !== 'acknowledged') return first
  return await converse(subject, {}, async wire => after(wire, await wire.publish({ ...publication, duplicate: true })))
}

async function converse (subject: Subject, greeting: Partial<Greeting>, talk: (wire: Wire) => Promise<Outcome>): Promise<Outcome> {
  const wire = new Wire(subject.url, subject.tls)
  try {
    const code = await wire.greet({ ...greetingOf(subject), ...greeting })
    return code === 0 ? await talk(wire) : code !== undefined || wire.isClosed ? 'refused' : 'silent'
  } finally {
    wire.drop()
  }
}

function after (wire: Wire, answered: boolean): Outcome {
  return answered ? 'acknowledged' : wire.isClosed ? 'closed' : 'silent'
}

/** A client id of its own, lest the device's regular connection be taken over. */
function greetingOf (subject: Subject): Greeting {
  const clientId = `odd-${randomOf(subject).letters(12)}`
  return { clientId, username: subject.device.device, password: subject.password ?? subject.device.password }
}

function will (device: SimulatedDevice): NonNullable<Greeting['will']> {
  return { topic: device.topic('sysinfo'), payload: Buffer.from(JSON.stringify({ system: { get_sysinfo: { mac: device.mac, alias: 'gone' } } })) }
}

function ownTopic ({ device }: Subject): string {
  return device.topic(device.acts[0]?.report ?? 'sysinfo')
}

function goodReport ({ device, epochMs, sequence }: Subject): Buffer {
  const [act] = device.acts
  if (act === undefined) throw new TypeError('a device that sends nothing')
  return device.report(act, epochMs, sequence).payload
}

function randomOf ({ device, sequence }: Subject): Random {
  return new Random(`${device.identity.home.seed}/misbehavior/${device.device}/${sequence}`)
}

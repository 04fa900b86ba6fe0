/** Who may read and write what, tried over the wire in every spelling we could think of. */

import t from 'tap'
import fc from 'fast-check'
import { publishRight, subscribeRefusal } from '../../src/broker/topics.js'
import type { Identity } from '../../src/model/registry.js'
import { RawClient } from '../paho/raw-client.js'
import { doorWorld, IDENTITIES, until, type DoorWorld } from './door-world.js'

const RUNS = Number(process.env.CURTILAGE_RUNS ?? (process.env.CI ? 1000 : 200))
const MANY = { maxConnectionsPerDevice: 1_000, maxReportsPerSecond: 1_000_000 }
/** Connections at one time, fewer than each may have. */
const CHUNKS = { device: 60, app: 30, recipient: 6 } as const
const SECRET = 'what only its own home may see'

/** Topics that something is sent on, by whoever may. */
const TARGETS = ['kasa/A/D/motion', 'kasa/A/D/cmd/on', 'kasa/B/E/motion', 'kasa/B/E/cmd/on', 'disclosures/R/motion', 'disclosures/S/motion', '$SYS/x/new/clients', '$curtilage/accepted']

const SPELLINGS: readonly ((topic: string) => string)[] = [
  topic => topic,
  ...['#', '+', '+/#', '/#', '+/+/+/motion', '+/+/+/cmd/on', '+/+/+/+/+', 'kasa/#', 'kasa/+/+/#', 'disclosures/#', 'disclosures/+/motion', '$SYS/#', '+/x/new/clients', '$curtilage/#', '$share/g/#', '$queue/#'].map(filter => () => filter),
  topic => `${topic}/#`,
  topic => `${topic}/`,
  topic => `/${topic}`,
  topic => `./${topic}`,
  topic => `../${topic}`,
  topic => `x/../${topic}`,
  topic => `kasa/B/E/../../${topic.slice('kasa/'.length)}`,
  topic => `$share/g/${topic}`,
  topic => `$share//${topic}`,
  topic => `$queue/${topic}`,
  topic => `$exclusive/${topic}`,
  topic => `$SYS/${topic}`,
  topic => `+/${topic}`,
  topic => topic.replace('/', '//'),
  topic => topic.replaceAll('/', '%2F'),
  topic => topic.replaceAll('/', '\\'),
  topic => topic.replaceAll('/', '.'),
  topic => topic.replaceAll('/', '\u2215'),
  topic => topic.replaceAll('/', '\uff0f'),
  topic => topic.toUpperCase(),
  topic => topic.toLowerCase(),
  topic => topic.replace('k', '\u212a'),
  topic => topic.replace('kasa', '\uff4basa'),
  topic => topic.replace('a', '\u0430'),
  topic => topic.replace('a', 'a\u0301'),
  topic => topic.replace('/', '/\u200b'),
  topic => topic.replace('/', '/\ufeff'),
  topic => topic.replace('/', '/\u0001'),
  topic => topic.replace('/', '/\u007f'),
  topic => topic.replace('/', '/\u0085'),
  topic => topic.replace('/', '\n/'),
  topic => ` ${topic}`,
  topic => `${topic} `,
  topic => encodeURIComponent(topic),
  topic => topic.replace('kasa', '%6basa'),
  topic => `${topic}/${'x/'.repeat(97)}`,
  // a wildcard in the place of each level, alone and beside what is its own
  ...[0, 1, 2, 3, 4].flatMap(at => ['+', '#', '+E', 'E+', '', '*', '?', '{device}', '%2B'].map(wild => (topic: string) => topic.split('/').map((level, i) => i === at ? wild : level).join('/'))),
  ...[1, 2, 3, 4].map(at => (topic: string) => [...topic.split('/').slice(0, at), '#'].join('/')),
  ...[1, 2].map(at => (topic: string) => topic.split('/').map((level, i) => i < at ? '+' : level).join('/'))
]

const FILTERS = [...new Set(TARGETS.flatMap(topic => SPELLINGS.map(spell => spell(topic))))].filter(filter => filter !== '')

function ownPrefix (identity: Identity): string {
  switch (identity.kind) {
    case 'device': return `kasa/${identity.account}/${identity.device}/`
    case 'app': return `kasa/${identity.account}/`
    case 'recipient': return `disclosures/${identity.recipient}/`
  }
}

async function entered (world: DoorWorld, user: string, clientId: string, clean = true): Promise<RawClient> {
  const client = new RawClient(`mqtt://127.0.0.1:${world.port}`)
  const connack = await client.connect({ clientId, clean, username: user, password: Buffer.from('right') })
  if (connack?.returnCode !== 0) throw new Error(`${user} is refused: ${connack?.returnCode}`)
  return client
}

/** Something on every topic, by each way there is; resolves when all of it was routed. */
async function traffic (world: DoorWorld): Promise<void> {
  for (const [user, topics] of [['D', ['kasa/A/D/motion']], ['E', ['kasa/B/E/motion']], ['account:A', ['kasa/A/D/cmd/on']], ['account:B', ['kasa/B/E/cmd/on']]] as const) {
    const client = await entered(world, user, `sender ${Math.random()}`)
    for (const topic of topics) client.send({ cmd: 'publish', topic, payload: SECRET, qos: 1, messageId: 1, retain: false, dup: false })
    await client.next('puback')
    client.drop()
  }
  for (const topic of TARGETS) {
    for (const retain of [true, false]) {
      await new Promise<void>(resolve => world.broker.publish({ cmd: 'publish', topic, payload: Buffer.from(SECRET), qos: 1, retain, dup: false }, () => resolve()))
    }
  }
  const ending = new AbortController()
  world.installed.subscribers.deliverAll('R', [{ topic: 'disclosures/R/motion', payload: Buffer.from(SECRET) }], ending.signal).catch(() => {})
}

t.test('subscriptions: every filter in every spelling, by each identity -> closed, or sees what is its own only', async t => {
  const world = await doorWorld(t, { limits: MANY })
  for (const [user, identity] of Object.entries(IDENTITIES)) {
    const own = ownPrefix(identity)
    let alive = 0
    const chunk = CHUNKS[identity.kind]
    for (let at = 0; at < FILTERS.length; at += chunk) {
      const filters = FILTERS.slice(at, at + chunk)
      const clients = await Promise.all(filters.map(async filter => {
        const client = await entered(world, user, filter, false)
        return { filter, client, granted: await client.subscribe({ topic: filter, qos: 1 }) }
      }))
      const open = clients.filter(({ granted }) => granted !== undefined)
      if (open.length > 0) await traffic(world)
      for (const { filter, client } of open) {
        await client.settle()
        t.notOk(client.published().some(({ topic }) => !topic.startsWith(own)), `${user} ${JSON.stringify(filter)}`)
        t.ok(filter.startsWith(own), `${user} was granted ${JSON.stringify(filter)}`)
        alive++
      }
      for (const { client } of clients) client.drop()
    }
    t.ok(alive > 0 && alive < FILTERS.length / 2, `${user}: ${alive} of ${FILTERS.length}`)
  }
})

t.test('subscriptions: what is its own -> is seen, so that the test before could fail', async t => {
  const world = await doorWorld(t, { limits: MANY })
  const sees: Record<string, string[]> = {}
  const clients = await Promise.all([['D', 'kasa/A/D/#'], ['account:A', 'kasa/A/#'], ['recipient:R', 'disclosures/R/#']].map(async ([user = '', filter = '']) => {
    const client = await entered(world, user, 'own')
    t.strictSame(await client.subscribe({ topic: filter, qos: 1 }), [1])
    return { user, client }
  }))
  await traffic(world)
  for (const { user, client } of clients) {
    await client.settle()
    sees[user] = [...new Set(client.published().map(({ topic }) => topic))].sort()
    client.drop()
  }
  t.strictSame(sees, { D: ['kasa/A/D/cmd/on'], 'account:A': ['kasa/A/D/cmd/on', 'kasa/A/D/motion'], 'recipient:R': ['disclosures/R/motion'] })
})

t.test('subscriptions: many filters, one of them foreign, wherever it stands -> closed, and none of them holds', async t => {
  const world = await doorWorld(t, { limits: MANY })
  for (const at of [0, 1, 49]) {
    const filters = Array.from({ length: 50 }, (_, i) => ({ topic: i === at ? 'kasa/A/D/#' : `kasa/B/E/${i}`, qos: 1 as const }))
    const client = await entered(world, 'E', 'many', false)
    t.equal(await client.subscribe(...filters), undefined, `foreign at ${at}`)
    await client.closed()
    const back = await entered(world, 'E', 'many', false)
    await traffic(world)
    await back.settle()
    t.strictSame(back.published(), [])
    back.drop()
  }
  t.equal(world.refused.filter(reason => reason === 'foreign-topic').length, 3)
})

t.test('subscriptions: more filters than one connection may have -> closed, counted', async t => {
  const world = await doorWorld(t)
  const filters = Array.from({ length: 257 }, (_, i) => ({ topic: `kasa/A/D/cmd/${i}`, qos: 0 as const }))
  const enough = await entered(world, 'D', 'enough')
  t.equal((await enough.subscribe(...filters.slice(0, 256)))?.length, 256)
  t.equal((await enough.subscribe(...filters.slice(0, 256)))?.length, 256, 'the same ones again')
  const many = await entered(world, 'D', 'many')
  t.equal(await many.subscribe(...filters), undefined)
  t.ok(world.refused.includes('too-many-subscriptions'))
})

t.test('sessions: kept, taken over, taken over by another user -> nothing is inherited', async t => {
  const world = await doorWorld(t, { limits: MANY })
  const first = await entered(world, 'account:A', 'phone', false)
  await first.subscribe({ topic: 'kasa/A/#', qos: 1 })
  const foreign = await entered(world, 'account:B', 'phone', false)
  await first.settle()
  t.notOk(first.isClosed, 'a client id belongs to its user: no takeover')
  const second = await entered(world, 'account:A', 'phone', false)
  await first.closed()
  await traffic(world)
  for (const client of [second, foreign]) {
    await client.settle()
    t.strictSame(client.published(), [])
  }
  second.drop()
  await second.closed()
  await traffic(world)
  const third = new RawClient(`mqtt://127.0.0.1:${world.port}`)
  const connack = await third.connect({ clientId: 'phone', clean: false, username: 'account:A', password: Buffer.from('right') })
  t.match(connack, { returnCode: 0, sessionPresent: false })
  await third.settle()
  t.strictSame(third.published(), [], 'nothing was kept for it')
})

t.test('publishing: every topic in every spelling, by each identity, at each QoS, retained or not -> taken under its own name only, and routed to nobody else', async t => {
  const world = await doorWorld(t, { limits: MANY })
  const listener = await entered(world, 'account:A', 'listener')
  await listener.subscribe({ topic: 'kasa/A/#', qos: 1 })
  const routed: string[] = []
  world.broker.on('publish', ({ topic, payload }) => { if (payload.toString() === SECRET) routed.push(topic) })
  const topics = FILTERS.filter(topic => !/[+#]/.test(topic))
  for (const [user, identity] of Object.entries(IDENTITIES)) {
    const own = ownPrefix(identity)
    for (const [i, topic] of topics.entries()) {
      const before = { taken: world.taken.length, routed: routed.length }
      const client = await entered(world, user, 'publisher')
      client.send({ cmd: 'publish', topic, payload: SECRET, qos: (i % 3) as 0 | 1 | 2, retain: i % 2 === 0, dup: false, messageId: 7 })
      if (i % 3 === 2) client.send({ cmd: 'pubrel', messageId: 7 })
      // what is foreign ends the connection, so this hangs where it would not
      if (topic.startsWith(own)) await client.settle()
      else await client.closed()
      const taken = world.taken.slice(before.taken)
      const after = routed.slice(before.routed)
      if (![...taken, ...after].every(name => name.startsWith(own))) t.fail(`${user} ${JSON.stringify(topic)}: ${taken} ${after}`)
      client.drop()
    }
  }
  t.ok(world.taken.length > 0)
  await listener.settle()
  t.notOk(listener.published().some(({ topic }) => !topic.startsWith('kasa/A/')))
  const late = await entered(world, 'account:A', 'late')
  await late.subscribe({ topic: 'kasa/A/#', qos: 1 })
  await late.settle()
  t.strictSame(late.published(), [], 'nothing was retained')
})

t.test('wills: on foreign topics, retained -> neither taken nor routed nor kept', async t => {
  const world = await doorWorld(t, { limits: MANY })
  const reader = await entered(world, 'account:A', 'reader')
  await reader.subscribe({ topic: 'kasa/A/#', qos: 1 })
  const topics = ['kasa/A/D/motion', 'kasa/A/D/cmd/on', '$SYS/x', '$curtilage/accepted', 'disclosures/R/motion', 'kasa/A/+/cmd/on', '#']
  for (const [i, topic] of topics.entries()) {
    const client = new RawClient(`mqtt://127.0.0.1:${world.port}`)
    await client.connect({ clientId: `w${i}`, username: 'E', password: Buffer.from('right'), will: { topic, payload: Buffer.from(SECRET), qos: 1, retain: true } })
    const before = world.refused.length
    client.drop()
    await until(() => world.refused.length > before)
  }
  await reader.settle()
  t.strictSame(world.taken, [])
  t.strictSame(reader.published(), [])
})

t.test('rights: any topic and filter -> what is granted begins with its own prefix', async () => {
  const level = fc.oneof(fc.constantFrom('kasa', 'A', 'B', 'D', 'E', 'R', 'disclosures', 'cmd', '+', '#', '', '$SYS', '$share', 'motion'), fc.string({ maxLength: 3 }))
  const topic = fc.array(level, { minLength: 1, maxLength: 6 }).map(levels => levels.join('/'))
  fc.assert(fc.property(fc.constantFrom(...Object.values(IDENTITIES)), topic, fc.boolean(), (identity, text, retain) => {
    const own = ownPrefix(identity)
    const right = publishRight(identity, text, retain)
    if (right.kind !== 'refused' && (!text.startsWith(own) || /[+#]/.test(text) || identity.kind === 'recipient')) return false
    return subscribeRefusal(identity, text) !== undefined || text.startsWith(own)
  }), { numRuns: RUNS * 20 })
})

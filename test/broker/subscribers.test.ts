/** Batches of disclosures to recipients of this broker, over real sockets. */

import t, { type Test } from 'tap'
import fc from 'fast-check'
import { RawClient } from '../paho/raw-client.js'
import { doorWorld, until, type DoorWorld } from './door-world.js'

const NEVER = new AbortController().signal

async function reader (t: Test, world: DoorWorld, clientId: string, ...topics: string[]): Promise<RawClient> {
  const client = new RawClient(world.listener.url)
  t.teardown(() => client.drop())
  await client.connect({ username: 'recipient:R', password: Buffer.from('right'), clientId })
  await client.subscribe(...topics.map(topic => ({ topic, qos: 1 as const })))
  return client
}

function batchOf (count: number, topic = (_i: number): string => 'disclosures/R/motion', size = (i: number): number => i % 300) {
  return Array.from({ length: count }, (_, i) => ({ topic: topic(i), payload: Buffer.from(`${i} ${'x'.repeat(size(i))}`) }))
}

t.test('recipient: a batch of any sizes -> in order, byte for byte, settled at its last PUBACK and not before', async t => {
  const world = await doorWorld(t)
  const client = await reader(t, world, 'one', 'disclosures/R/#')
  await fc.assert(fc.asyncProperty(fc.array(fc.oneof(fc.nat(300), fc.constantFrom(100, 16_350, 16_400, 130_000)), { minLength: 1, maxLength: 12 }), async sizes => {
    const batch = batchOf(sizes.length, i => `disclosures/R/r${i % 3}`, i => sizes[i]!)
    let settled = false
    const delivered = world.installed.subscribers.deliverAll('R', batch, NEVER).then(() => { settled = true })
    const got = []
    for (let i = 0; i < batch.length; i++) got.push((await client.next('publish'))!)
    t.ok(got.every(({ topic, payload, qos, dup, retain }, i) => topic === batch[i]!.topic && batch[i]!.payload.equals(payload as Buffer) && qos === 1 && !dup && !retain))
    for (const { messageId } of got.slice(1)) client.send({ cmd: 'puback', messageId: messageId! })
    await client.settle()
    t.notOk(settled)
    client.send({ cmd: 'puback', messageId: got[0]!.messageId! })
    await delivered
  }), { numRuns: 25 })
})

t.test('recipient: topics of a batch on two connections -> each gets its own; on none -> refused before anything is sent', async t => {
  const world = await doorWorld(t)
  const [one, two] = [await reader(t, world, 'one', 'disclosures/R/motion'), await reader(t, world, 'two', 'disclosures/R/energy')]
  const delivered = world.installed.subscribers.deliverAll('R', batchOf(40, i => i % 2 === 0 ? 'disclosures/R/motion' : 'disclosures/R/energy'), NEVER)
  for (const client of [one, two]) {
    await until(() => client.published().length === 20)
    for (const { messageId } of client.published()) client.send({ cmd: 'puback', messageId: messageId! })
  }
  await delivered
  await t.rejects(world.installed.subscribers.deliverAll('R', batchOf(4, i => i === 3 ? 'disclosures/R/sysinfo' : 'disclosures/R/motion'), NEVER), { code: 'recipient-not-connected' })
  await one.settle()
  t.equal(one.published().length, 20)
})

t.test('recipient: its connection is lost, or the batch aborted, amid a batch -> rejects, and the rest is not sent', async t => {
  const world = await doorWorld(t)
  for (const end of ['lost', 'aborted']) {
    const client = await reader(t, world, end, 'disclosures/R/#')
    const ending = new AbortController()
    const delivered = world.installed.subscribers.deliverAll('R', batchOf(100, undefined, () => 200_000), ending.signal)
    delivered.catch(() => {})
    client.send({ cmd: 'puback', messageId: (await client.next('publish'))!.messageId! })
    if (end === 'lost') client.drop()
    else ending.abort()
    await t.rejects(delivered, { code: 'recipient-not-connected' })
    await client.closed()
    t.ok(client.published().length < 100)
  }
})

t.test('recipient: PUBACKs that nobody waits for -> heard, and without effect', async t => {
  const world = await doorWorld(t)
  const client = await reader(t, world, 'one', 'disclosures/R/#')
  for (let i = 1; i <= 20; i++) client.send({ cmd: 'puback', messageId: i })
  await client.settle()
  const delivered = world.installed.subscribers.deliverAll('R', batchOf(2), NEVER)
  for (let i = 0; i < 2; i++) client.send({ cmd: 'puback', messageId: (await client.next('publish'))!.messageId! })
  await delivered
  for (let i = 1; i <= 20; i++) client.send({ cmd: 'puback', messageId: i })
  await client.settle()
  t.notOk(client.isClosed)
})

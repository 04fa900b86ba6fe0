/** What every outbox must do, run against each implementation. */

import type { Test } from 'tap'
import type { Outbox, OutboxItem, RedeliveryKey } from '../../src/outbox/contract.js'
import { disclosureOf, entryOf, headerOf } from './disclosure-of.js'

export interface OutboxUnderTest {
  readonly outbox: Outbox
  /** As after a crash: all that is in memory is gone. */
  reopen (): Outbox
  /** Moves the outbox's clock. */
  setNowMs (nowMs: number): void
  /** Disclosures written with acks, each `recipient report id account`, as a restart finds them. */
  alsoWritten (): Promise<string[]>
  /** They are written when that is asked, not with the ack itself. */
  readonly writesLater?: boolean
  /** From now on what is written with an ack throws. */
  breakAlsoWrite (): void
}

export type MakeOutbox = (t: Test, maxEntries: number, maxDeadLetters?: number) => Promise<OutboxUnderTest>

export function outboxContract (t: Test, name: string, make: MakeOutbox): void {
  t.test(`${name}: append, claim, ack -> in order, once, then gone`, async t => {
    const { outbox } = await make(t, 100)
    t.equal(await outbox.append([entryOf({ id: 'g' }), entryOf({ id: 'h' }), entryOf({ id: 'i', recipient: 'health' })]), 'appended')
    const [first, ...others] = outbox.claim('analytics', 1, 0)
    t.same(ids([first!, ...others]), ['g'])
    t.same(ids(outbox.claim('analytics', 9, 0)), ['h'], 'what is claimed is not claimed again')
    t.equal(outbox.depth('analytics'), 2, 'claimed ones count')
    t.same(outbox.recipients().sort(), ['analytics', 'health'])
    await outbox.ack('analytics', [first!.sequence])
    await outbox.ack('analytics', [first!.sequence])
    t.equal(outbox.depth('analytics'), 1)
    t.equal(outbox.depth('health'), 1, 'no recipient touches another')
    t.equal(outbox.depth('nobody'), 0)
    t.same(outbox.claim('nobody', 9, 0), [])
  })

  t.test(`${name}: read back -> the same bytes and the same header`, async t => {
    const { outbox, reopen } = await make(t, 100)
    const sample = { id: 'g', account: 'home-2', decidedMs: 77, notBeforeMs: 5 }
    await outbox.append([entryOf(sample)])
    for (const opened of [outbox, reopen()]) {
      const entry = opened.claim('analytics', 9, 10)[0]?.entry
      t.same(entry?.header, headerOf(sample))
      t.equal(Buffer.from(entry!.disclosure.bytes).toString(), Buffer.from(disclosureOf(sample).bytes).toString())
      t.match(entry?.disclosure, { id: 'g', recipient: 'analytics', report: 'motion' })
    }
  })

  t.test(`${name}: an erasure notice read back -> the same bytes, and a header that names nobody`, async t => {
    const { outbox, reopen } = await make(t, 100)
    const header = { erasure: true, policy: 'ghijk', decidedMs: 77, notBeforeMs: 5 } as const
    await outbox.append([{ disclosure: disclosureOf({ id: 'g', report: 'erasure' }), header }])
    for (const opened of [outbox, reopen()]) {
      const [item] = opened.claim('analytics', 9, 10)
      t.same(item?.entry?.header, header)
      t.match(item?.entry?.disclosure, { id: 'g', report: 'erasure' })
    }
  })

  t.test(`${name}: nack -> claimed again, before later ones`, async t => {
    const { outbox } = await make(t, 100)
    await outbox.append(['g', 'h', 'i'].map(id => entryOf({ id })))
    const claimed = outbox.claim('analytics', 2, 0)
    await outbox.nack('analytics', claimed.map(({ sequence }) => sequence))
    await outbox.nack('analytics', claimed.map(({ sequence }) => sequence))
    t.same(ids(outbox.claim('analytics', 9, 0)), ['g', 'h', 'i'])
    t.same(ids(outbox.claim('analytics', 9, 0)), [])
  })

  t.test(`${name}: restart -> everything not acked is there, claims are not`, async t => {
    const { outbox, reopen } = await make(t, 100)
    await outbox.append(['g', 'h', 'i'].map(id => entryOf({ id, notBeforeMs: id === 'i' ? 50 : 0 })))
    const claimed = outbox.claim('analytics', 9, 0)
    await outbox.ack('analytics', [claimed[0]!.sequence])
    const again = reopen()
    t.equal(again.depth('analytics'), 2)
    t.same(ids(again.claim('analytics', 9, 0)), ['h'])
    t.same(ids(again.claim('analytics', 9, 50)), ['i'])
    await again.append([entryOf({ id: 'j' })])
    t.same(ids(again.claim('analytics', 9, 50)), ['j'])
  })

  t.test(`${name}: not due yet -> waits, and says until when`, async t => {
    const { outbox } = await make(t, 100)
    await outbox.append([entryOf({ id: 'g', notBeforeMs: 200 }), entryOf({ id: 'h', notBeforeMs: 100 }), entryOf({ id: 'i', notBeforeMs: 200 })])
    t.same(outbox.claim('analytics', 9, 99), [])
    t.equal(outbox.nextDueMs('analytics'), 100)
    t.same(ids(outbox.claim('analytics', 9, 100)), ['h'])
    t.equal(outbox.nextDueMs('analytics'), 200)
    t.same(ids(outbox.claim('analytics', 9, 200)), ['g', 'i'])
    t.equal(outbox.nextDueMs('analytics'), undefined)
  })

  t.test(`${name}: oldest -> when the first held was decided, claimed or not`, async t => {
    const { outbox } = await make(t, 100)
    t.equal(outbox.oldestMs('analytics'), undefined)
    await outbox.append([entryOf({ id: 'g', decidedMs: 5 }), entryOf({ id: 'h', decidedMs: 6 })])
    const [first] = outbox.claim('analytics', 1, 0)
    t.equal(outbox.oldestMs('analytics'), 5)
    await outbox.ack('analytics', [first!.sequence])
    t.equal(outbox.oldestMs('analytics'), 6)
  })

  t.test(`${name}: full -> refused as a whole, nothing dropped, room again after an ack`, async t => {
    const { outbox } = await make(t, 3)
    await outbox.append([entryOf({ id: 'g' }), entryOf({ id: 'h', recipient: 'health' })])
    await t.rejects(outbox.append([entryOf({ id: 'i' }), entryOf({ id: 'j' })]), { code: 'outbox-full' })
    t.equal(outbox.depth('analytics') + outbox.depth('health'), 2)
    const claimed = outbox.claim('analytics', 1, 0)
    await outbox.ack('analytics', claimed.map(({ sequence }) => sequence))
    t.equal(await outbox.append([entryOf({ id: 'i' }), entryOf({ id: 'j' })]), 'appended')
  })

  t.test(`${name}: full -> an erasure notice is taken nevertheless`, async t => {
    const { outbox } = await make(t, 1)
    await outbox.append([entryOf({ id: 'g' })])
    const header = { erasure: true, policy: 'ghijk', decidedMs: 0, notBeforeMs: 0 } as const
    t.equal(await outbox.append([{ disclosure: disclosureOf({ id: 'h', report: 'erasure' }), header }]), 'appended')
    t.same(ids(outbox.claim('analytics', 9, 0)), ['g', 'h'])
    await t.rejects(outbox.append([entryOf({ id: 'i' })]), { code: 'outbox-full' })
  })

  t.test(`${name}: many appends at once -> the bound holds, the order is that of the calls`, async t => {
    const { outbox } = await make(t, 10)
    const asked = Array.from({ length: 15 }, async (_, i) => await outbox.append([entryOf({ id: `g${i}` })]))
    const settled = await Promise.allSettled(asked)
    t.equal(settled.filter(({ status }) => status === 'fulfilled').length, 10)
    t.same(ids(outbox.claim('analytics', 99, 0)), Array.from({ length: 10 }, (_, i) => `g${i}`))
  })

  t.test(`${name}: withhold -> gone as after an ack`, async t => {
    const { outbox, reopen } = await make(t, 10)
    await outbox.append([entryOf({ id: 'g' })])
    const claimed = outbox.claim('analytics', 1, 0)
    await outbox.withhold('analytics', claimed.map(({ sequence }) => sequence), 'consent-withdrawn')
    t.equal(outbox.depth('analytics'), 0)
    t.equal(reopen().depth('analytics'), 0)
  })

  t.test(`${name}: ack -> what arrived is told once, in the same transaction; nothing else is`, async t => {
    const under = await make(t, 10)
    const { outbox } = under
    await outbox.append([entryOf({ id: 'g', account: 'a' }), entryOf({ id: 'h', report: 'sysinfo' }), entryOf({ id: 'i' }), entryOf({ id: 'j' }), entryOf({ id: 'k', recipient: 'health' })])
    const [g, h, i, j] = outbox.claim('analytics', 9, 0).map(({ sequence }) => sequence)
    await Promise.all([outbox.ack('analytics', [g!, h!]), outbox.ack('analytics', [h!])])
    await outbox.ack('analytics', [g!])
    await outbox.withhold('analytics', [i!], 'minor')
    await outbox.purge((_, recipient) => recipient === 'health')
    t.same(await under.alsoWritten(), ['analytics motion g a', 'analytics sysinfo h home'])
    under.reopen()
    t.equal((await under.alsoWritten()).length, 2)
    if (under.writesLater === true) return
    under.breakAlsoWrite()
    await t.rejects(outbox.ack('analytics', [j!]))
    t.equal(outbox.depth('analytics'), 1)
    t.same(ids(under.reopen().claim('analytics', 9, 0)), ['j'])
    t.equal((await under.alsoWritten()).length, 2)
  })

  t.test(`${name}: refused for good -> a dead letter, told nowhere as delivered, also after a restart`, async t => {
    const under = await make(t, 10)
    const { outbox } = under
    under.setNowMs(70)
    await outbox.append([entryOf({ id: 'g' }), entryOf({ id: 'h', report: 'sysinfo', size: 9 }), entryOf({ id: 'i', recipient: 'health' })])
    const [g, h] = outbox.claim('analytics', 9, 0).map(({ sequence }) => sequence)
    const [i] = outbox.claim('health', 9, 0).map(({ sequence }) => sequence)
    const before = outbox.bytes('analytics')
    await outbox.ack('analytics', [g!], [{ sequence: h!, reason: 'http-422' }])
    await outbox.ack('analytics', [], [{ sequence: h!, reason: 'http-422' }])
    await outbox.ack('health', [], [{ sequence: i!, reason: 'too-large' }])
    t.same(await under.alsoWritten(), ['analytics motion g home'])
    t.ok(outbox.bytes('analytics') > 0 && outbox.bytes('analytics') < before, 'it takes room')
    for (const opened of [outbox, under.reopen()]) {
      const { bytes } = disclosureOf({ id: 'h', report: 'sysinfo', size: 9 })
      t.same(opened.deadLetters('analytics'), [{ id: 'h', recipient: 'analytics', report: 'sysinfo', reason: 'http-422', firstMs: 70, lastMs: 70, refusals: 1, bytes: bytes.byteLength }])
      t.same(opened.deadLetters().map(({ id }) => id), ['h', 'i'])
      t.equal(opened.depth('analytics') + opened.depth('health'), 0)
      t.same(opened.claim('analytics', 9, 0), [])
      t.equal(opened.bytes('analytics'), outbox.bytes('analytics'))
    }
    await under.reopen().append([entryOf({ id: 'j' })])
    t.same(ids(under.reopen().claim('analytics', 9, 0)), ['j'])
  })

  t.test(`${name}: dead letter, retry -> back in line under its id; refused again, it remembers`, async t => {
    const under = await make(t, 10)
    let { outbox } = under
    under.setNowMs(70)
    await outbox.append(['g', 'h', 'i'].map(id => entryOf({ id, account: id })))
    const refuse = async (count: number) => await outbox.ack('analytics', [], outbox.claim('analytics', count, 0).map(({ sequence }) => ({ sequence, reason: 'http-400' })))
    await refuse(2)
    const heard: string[] = []
    outbox.onAppend(recipient => heard.push(recipient))
    t.equal(await outbox.retry(({ id }) => id === 'g'), 1)
    t.same(heard, ['analytics'])
    t.equal(await outbox.retry(() => false), 0)
    t.same(outbox.deadLetters().map(({ id }) => id), ['h'])
    outbox = under.reopen()
    const items = outbox.claim('analytics', 9, 0)
    t.same(ids(items), ['i', 'g'], 'at the end of the line')
    t.same(items[1]?.entry?.header, headerOf({ account: 'g' }))
    await outbox.nack('analytics', items.map(({ sequence }) => sequence))
    under.setNowMs(90)
    await refuse(2)
    for (const opened of [outbox, under.reopen()]) {
      t.match(opened.deadLetters().sort((a, b) => a.id < b.id ? -1 : 1), [{ id: 'g', firstMs: 70, lastMs: 90, refusals: 2 }, { id: 'h', lastMs: 70, refusals: 1 }, { id: 'i', firstMs: 90, refusals: 1 }])
    }
  })

  t.test(`${name}: dead letters, discard -> gone, and room for others`, async t => {
    const { outbox, reopen } = await make(t, 10, 2)
    await outbox.append(['g', 'h', 'i'].map(id => entryOf({ id })))
    t.equal(outbox.deadLetterRoom('analytics'), 2)
    await outbox.ack('analytics', [], outbox.claim('analytics', 2, 0).map(({ sequence }) => ({ sequence, reason: 'http-400' })))
    t.equal(outbox.deadLetterRoom('analytics'), 0)
    t.equal(outbox.deadLetterRoom('health'), 2)
    const heard: string[] = []
    outbox.onAppend(recipient => heard.push(recipient))
    t.match(await outbox.discard(({ id }) => id === 'h'), [{ id: 'h', recipient: 'analytics' }])
    t.same(heard, ['analytics'])
    t.equal(outbox.deadLetterRoom('analytics'), 1)
    t.same(reopen().deadLetters().map(({ id }) => id), ['g'])
    t.equal(reopen().depth('analytics'), 1)
  })

  t.test(`${name}: retry without room -> refused, and they stay dead letters`, async t => {
    const { outbox, reopen } = await make(t, 2)
    await outbox.append(['g', 'h'].map(id => entryOf({ id })))
    await outbox.ack('analytics', [], outbox.claim('analytics', 2, 0).map(({ sequence }) => ({ sequence, reason: 'http-400' })))
    await outbox.append([entryOf({ id: 'i' })])
    await t.rejects(outbox.retry(() => true), { code: 'outbox-full' })
    t.equal(outbox.deadLetters().length, 2)
    t.equal(reopen().depth('analytics'), 1)
  })

  t.test(`${name}: purge -> takes dead letters as well, also one that is refused meanwhile`, async t => {
    const { outbox, reopen } = await make(t, 10)
    await outbox.append(['a', 'b', 'a', 'a'].map((account, i) => entryOf({ id: `g${i}`, account })))
    const [first, second, third] = outbox.claim('analytics', 9, 0).map(({ sequence }) => sequence)
    await outbox.ack('analytics', [], [first!, second!].map(sequence => ({ sequence, reason: 'http-400' })))
    const [purged] = await Promise.all([
      outbox.purge(({ account }) => account === 'a'),
      outbox.ack('analytics', [], [{ sequence: third!, reason: 'http-400' }])
    ])
    t.ok(purged === 2 || purged === 3)
    for (const opened of [outbox, reopen()]) {
      t.same(opened.deadLetters().map(({ id }) => id), ['g1'])
      t.equal(opened.depth('analytics'), 0)
    }
  })

  t.test(`${name}: paused -> until it is resumed, also after a restart`, async t => {
    const under = await make(t, 10)
    const { reopen } = under
    let { outbox } = under
    const pause = { reason: 'asked to', by: 'ops', atMs: 5 }
    await outbox.pause('analytics', { ...pause, reason: 'first' })
    await outbox.pause('analytics', pause)
    for (const opened of [outbox, outbox = reopen()]) {
      t.same(opened.pauseOf('analytics'), pause)
      t.equal(opened.pauseOf('health'), undefined)
    }
    await outbox.append([entryOf({ id: 'g' })])
    t.equal(outbox.depth('analytics'), 1, 'what comes waits')
    await outbox.resume('analytics')
    await outbox.resume('health')
    for (const opened of [outbox, outbox = reopen()]) t.equal(opened.pauseOf('analytics'), undefined)
    await Promise.all([outbox.resume('analytics'), outbox.pause('analytics', pause)])
    for (const opened of [outbox, reopen()]) t.same(opened.pauseOf('analytics'), pause)
  })

  t.test(`${name}: headers -> of every entry, claimed or not`, async t => {
    const { outbox } = await make(t, 2000)
    const samples = Array.from({ length: 1200 }, (_, i) => ({ id: `g${i}`, account: `a${i}`, recipient: i < 600 ? 'analytics' : 'health' }))
    await outbox.append(samples.map(entryOf))
    await outbox.ack('analytics', [], outbox.claim('analytics', 1, 0).map(({ sequence }) => ({ sequence, reason: 'http-400' })))
    outbox.claim('analytics', 1, 0)
    const seen: string[] = []
    for await (const { recipient, header, dead } of outbox.headers()) seen.push(`${recipient} ${header.account} ${dead}`)
    t.same(seen.sort(), samples.map(({ recipient, account }) => `${recipient} ${account} ${account === 'a0'}`).sort())
  })

  t.test(`${name}: purge -> what matches is gone, claimed or not, also for a nack that comes later`, async t => {
    const { outbox, reopen } = await make(t, 10)
    await outbox.append([entryOf({ id: 'g', account: 'a' }), entryOf({ id: 'h', account: 'b' }), entryOf({ id: 'i', account: 'a', recipient: 'health' })])
    await outbox.append([entryOf({ id: 'j', account: 'a', notBeforeMs: 9 })])
    const claimed = outbox.claim('analytics', 1, 0)
    t.equal(await outbox.purge(({ account }) => account === 'a'), 3)
    await outbox.nack('analytics', claimed.map(({ sequence }) => sequence))
    t.same(ids(outbox.claim('analytics', 9, 9)), ['h'])
    t.equal(outbox.depth('health'), 0)
    t.equal(reopen().depth('analytics'), 1)
  })

  t.test(`${name}: purge -> sees the appends called before it`, async t => {
    const { outbox } = await make(t, 10)
    const [, purged] = await Promise.all([outbox.append([entryOf({ id: 'g' })]), outbox.purge((_, recipient) => recipient === 'analytics')])
    t.equal(purged, 1)
    t.equal(outbox.depth('analytics'), 0)
  })

  t.test(`${name}: redelivered packet -> appended once, also after a restart`, async t => {
    const under = await make(t, 10)
    let { outbox } = under
    await getToKnow(outbox)
    t.equal(await outbox.append([entryOf({ id: 'g' })], key('p', false)), 'appended')
    t.equal(await outbox.append([entryOf({ id: 'h' })], key('p', true)), 'duplicate')
    outbox = under.reopen()
    t.equal(await outbox.append([entryOf({ id: 'i' })], key('p', true)), 'duplicate')
    t.equal(outbox.depth('analytics'), 1)
    t.equal(await outbox.append([entryOf({ id: 'i' })], { ...key('x', true), earlier: ['y', 'p'] }), 'duplicate', 'under a key in use before')
    t.equal(await outbox.append([entryOf({ id: 'j' })], key('q', true)), 'appended', 'another packet')
    t.equal(await outbox.append([entryOf({ id: 'k' })], { ...key('p', true), device: 'other' }), 'appended', 'another device')
  })

  t.test(`${name}: same key, not marked as redelivered -> a report of its own`, async t => {
    const { outbox } = await make(t, 10)
    await outbox.append([entryOf({ id: 'g' })], key('p', false))
    t.equal(await outbox.append([entryOf({ id: 'h' })], key('p', false)), 'appended')
  })

  t.test(`${name}: redelivered, of a device that uses packet ids again soon, or is not known yet -> a report of its own`, async t => {
    const { outbox, reopen } = await make(t, 100)
    const send = async (id: string, packetId: number, redelivered = false, to = outbox) => await to.append([entryOf({ id })], { device: 'plug', fingerprint: `same payload ${packetId}`, packetId, redelivered })
    for (let i = 0; i < 7; i++) await send(`g${i}`, i)
    t.equal(await send('h', 6, true), 'appended', 'too few to know')
    await send('i', 7)
    t.equal(await send('j', 7, true), 'duplicate', 'eight that came for the first time')
    await send('k', 6)
    t.equal(await send('l', 7, true), 'appended', 'an id came for the first time twice')
    for (let i = 0; i < 128; i++) await send(`m${i}`, 100 + i).then(async () => { await outbox.ack('analytics', outbox.claim('analytics', 9, 0).map(({ sequence }) => sequence)) })
    t.equal(await send('n', 227, true), 'duplicate', 'that is long ago')
    await send('o', 150)
    t.equal(await send('p', 227, true, reopen()), 'appended', 'known after a restart as well')
  })

  t.test(`${name}: redelivered, of a device that is known and has sent little but packets again since -> known still`, async t => {
    const under = await make(t, 1000)
    let { outbox } = under
    await getToKnow(outbox)
    for (let i = 0; i < 300; i++) t.equal(await outbox.append([entryOf({ id: `g${i}` })], key(`p${2000 + i}`, true)), 'appended')
    t.equal(await outbox.append([entryOf({ id: 'h' })], key('p2299', true)), 'duplicate')
    outbox = under.reopen()
    t.equal(await outbox.append([entryOf({ id: 'i' })], key('p2236', true)), 'duplicate')
    t.equal(await outbox.append([entryOf({ id: 'j' })], key('p2235', true)), 'appended', 'the last 64')
    for (let i = 0; i < 2; i++) await outbox.append([entryOf({ id: `k${i}` })], key('p5', false))
    t.equal(await outbox.append([entryOf({ id: 'l' })], key('p2299', true)), 'appended', 'an id came for the first time twice')
  })

  t.test(`${name}: redelivered while the first is under way -> one of them is the duplicate`, async t => {
    const { outbox } = await make(t, 10)
    await getToKnow(outbox)
    const outcomes = await Promise.all([
      outbox.append([entryOf({ id: 'g' })], key('p', false)),
      outbox.append([entryOf({ id: 'h' })], key('p', true)),
      outbox.append([entryOf({ id: 'i' })], key('p', true))
    ])
    t.same(outcomes, ['appended', 'duplicate', 'duplicate'])
    t.equal(outbox.depth('analytics'), 1)
  })

  t.test(`${name}: redelivery keys -> kept for the last 64 packets of a device and for one hour`, async t => {
    const under = await make(t, 1000)
    let { outbox } = under
    await getToKnow(outbox)
    for (let i = 0; i < 65; i++) await outbox.append([entryOf({ id: `g${i}` })], key(`p${i}`, false))
    t.equal(await outbox.append([entryOf({ id: 'h' })], key('p1', true)), 'duplicate')
    outbox = under.reopen()
    t.equal(await outbox.append([entryOf({ id: 'h' })], key('p64', true)), 'duplicate')
    t.equal(await outbox.append([entryOf({ id: 'i' })], key('p0', true)), 'appended')
    under.setNowMs(3_600_001)
    t.equal(await outbox.append([entryOf({ id: 'j' })], key('p64', true)), 'appended')
    await outbox.forgetDevice('plug')
    t.equal(await outbox.append([entryOf({ id: 'k' })], key('p64', true)), 'appended')
  })

  t.test(`${name}: refused as full -> its redelivery is no duplicate`, async t => {
    const { outbox } = await make(t, 1)
    await outbox.append([entryOf({ id: 'g' })])
    await t.rejects(outbox.append([entryOf({ id: 'h' })], key('p', false)), { code: 'outbox-full' })
    const claimed = outbox.claim('analytics', 1, 0)
    await outbox.ack('analytics', claimed.map(({ sequence }) => sequence))
    t.equal(await outbox.append([entryOf({ id: 'h' })], key('p', true)), 'appended')
  })

  t.test(`${name}: a packet id and payload used again, refused as full -> its redelivery is not taken for the older report's`, async t => {
    const { outbox } = await make(t, 1)
    const settle = async () => await outbox.ack('analytics', outbox.claim('analytics', 1, 0).map(({ sequence }) => sequence))
    await getToKnow(outbox)
    await outbox.append([entryOf({ id: 'g' })], key('p', false))
    await t.rejects(outbox.append([entryOf({ id: 'h' })], key('p', false)), { code: 'outbox-full' })
    await settle()
    t.equal(await outbox.append([entryOf({ id: 'h' })], key('p', true)), 'appended')
    t.equal(await outbox.append([entryOf({ id: 'h' })], key('p', true)), 'duplicate')
  })

  t.test(`${name}: listener -> told of each recipient once the entries can be claimed, until it stops`, async t => {
    const { outbox } = await make(t, 10)
    const heard: string[] = []
    const stop = outbox.onAppend(recipient => heard.push(`${recipient} ${outbox.claim(recipient, 9, 0).length}`))
    await outbox.append([entryOf({ id: 'g' }), entryOf({ id: 'h', recipient: 'health' }), entryOf({ id: 'i' })])
    stop()
    await outbox.append([entryOf({ id: 'j' })])
    t.same(heard, ['analytics 2', 'health 1'])
  })

  t.test(`${name}: closed -> writes are refused`, async t => {
    const { outbox } = await make(t, 10)
    const underWay = outbox.append([entryOf({ id: 'g' })])
    await outbox.close()
    t.equal(await underWay, 'appended')
    await t.rejects(outbox.append([entryOf({ id: 'h' })]), { code: 'outbox-closed' })
    const claimed = outbox.claim('analytics', 9, 0)
    await t.rejects(outbox.ack('analytics', claimed.map(({ sequence }) => sequence)), { code: 'outbox-closed' })
    await t.rejects(outbox.purge(() => true), { code: 'outbox-closed' })
  })
}

export function ids (items: readonly OutboxItem[]): string[] {
  return items.map(({ entry }) => entry?.disclosure.id ?? '')
}

function key (fingerprint: string, redelivered: boolean): RedeliveryKey {
  return { device: 'plug', fingerprint, packetId: Number(fingerprint.slice(1)) || fingerprint.charCodeAt(0), redelivered }
}

/** Packets by which the device is known to use its packet ids slowly. */
export async function getToKnow (outbox: Outbox): Promise<void> {
  for (let i = 1000; i < 1008; i++) {
    await outbox.append([entryOf({ id: `w${i}`, recipient: 'early' })], { device: 'plug', fingerprint: `w${i}`, packetId: i, redelivered: false })
    await outbox.ack('early', outbox.claim('early', 9, 0).map(({ sequence }) => sequence))
  }
}

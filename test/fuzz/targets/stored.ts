/**
 * Entries of the outbox with damaged bytes on disk: opened, claimed, walked over and purged without a throw, and those
 * beside them as if nothing had happened.
 *
 * The first byte of an input says which of them is damaged: held, dead, a pause, a key of redeliveries.
 */

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { open, type Database, type Key } from 'lmdb'
import { restore } from '../../../src/guard/release.js'
import { LmdbOutbox } from '../../../src/outbox/lmdb-outbox.js'
import { byteMutators } from '../mutate-bytes.js'
import type { OutboxEntry } from '../../../src/outbox/contract.js'
import type { Opened, Target } from '../target.js'

const RECIPIENT = 'analytics'
const REDELIVERY = { device: 'D', fingerprint: 'ghijk', redelivered: false }
const NOW_MS = Date.UTC(2026, 0, 5)

export const stored: Target = {
  name: 'stored',
  sources: /\/src\/(outbox\/|guard\/(envelope|release|second))/,
  mutators: byteMutators(['\u0099', '\u00c0', '\u00c4\u0000', '\u00d9', '\u00cb', '\u00c1', '\u00d4r@', '{"id":"', '"data":', '"recipient":"analytics"', '192.168.1.5', '50C7BF0D918C']),
  maxBytes: 2048,
  open: openStored
}

async function openStored (): Promise<Opened> {
  const folder = mkdtempSync(join(tmpdir(), 'curtilage-fuzz-'))
  const root = open({ path: folder, noSync: true, overlappingSync: false, eventTurnBatching: false } as Parameters<typeof open>[0])
  const database = root.openDB<unknown, Key>({ name: 'outbox' })
  const bytes = root.openDB<Buffer, Key>({ name: 'outbox', encoding: 'binary' })
  await fill(outboxOn(database))
  const sound = [...database.getKeys()].map(key => ({ key, value: Buffer.from(bytes.get(key) ?? []) }))
  const others = sound.filter(({ key }) => key !== sound.find(({ key }) => Array.isArray(key) && key[0] === 'held')?.key)
  return {
    attempt: async input => {
      const damaged = others[(input[0] ?? 0) % others.length]!
      bytes.putSync(damaged.key, Buffer.from(input.subarray(1)))
      await judge(outboxOn(database))
      root.transactionSync(() => {
        for (const key of [...bytes.getKeys()]) bytes.removeSync(key)
        for (const { key, value } of sound) bytes.putSync(key, value)
      })
    },
    close: async () => {
      await root.close()
      rmSync(folder, { recursive: true })
    }
  }
}

/** Three held, a dead letter, a pause, and keys of redeliveries. */
async function fill (outbox: LmdbOutbox): Promise<void> {
  for (const [i, letter] of ['l', 'g', 'h', 'k'].entries()) await outbox.append([entryOf(letter)], { ...REDELIVERY, packetId: i + 1 })
  const [first] = outbox.claim(RECIPIENT, 1, NOW_MS)
  await outbox.ack(RECIPIENT, [], [{ sequence: first?.sequence ?? 0, reason: 'refused' }])
  await outbox.pause('other', { reason: 'why', by: 'ops', atMs: NOW_MS })
}

async function judge (outbox: LmdbOutbox): Promise<void> {
  const items = outbox.claim(RECIPIENT, 10, NOW_MS)
  assert.equal(items[0]?.entry?.disclosure.id, 'g'.repeat(30), 'the first is as it was')
  assert.equal(items.length, 3)
  for (const { entry } of items) if (entry !== undefined) assert.match(Buffer.from(entry.disclosure.bytes).toString('utf8'), /^\{.*"recipient":"analytics".*\}$/)
  assert(Number.isFinite(outbox.oldestMs(RECIPIENT)), 'no oldest')
  assert.equal(outbox.deadLetters().length, 1)
  assert.notEqual(outbox.pauseOf('other'), undefined, 'a pause that cannot be read is one')
  await outbox.nack(RECIPIENT, items.map(({ sequence }) => sequence))
  await outbox.append([entryOf('m')], { ...REDELIVERY, packetId: 9, redelivered: true })
  await outbox.purge(() => false)
  await outbox.retry(() => true)
  await outbox.forgetOldRedeliveries(NOW_MS)
  await outbox.purge(() => true)
}

function outboxOn (database: Database<unknown, Key>): LmdbOutbox {
  return new LmdbOutbox({ database, restore, maxEntries: 100, nowMs: () => NOW_MS } as ConstructorParameters<typeof LmdbOutbox>[0])
}

function entryOf (letter: string): OutboxEntry {
  const id = letter.repeat(30)
  const bytes = Buffer.from(JSON.stringify({ id, recipient: RECIPIENT, report: 'motion', data: { event: 'motion' }, notice: '1.3', policy: 'ggg' }))
  const disclosure = restore({ id, recipient: RECIPIENT, report: 'motion', bytes })
  if (disclosure === undefined) throw new TypeError('no disclosure')
  const fields = [{ path: 'event', category: 'sensor.motion', transform: 'keep' }]
  return { disclosure, header: { account: 'A', device: 'D', policy: 'ggg', fields, decidedMs: NOW_MS, notBeforeMs: NOW_MS } }
}

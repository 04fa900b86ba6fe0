/**
 * Everything that is held of one account, for its holder: known, consented, registered, counted, waiting.
 *
 * Written piece by piece, since years of counts are long. What is held as fingerprints, keys or hashes is told as being
 * there, never shown; raw reports are not held at all.
 */

import { Readable } from 'node:stream'
import { z } from 'zod'
import type { Core } from '../core.js'
import { errorOf } from '../model/errors.js'
import type { Outbox } from '../outbox/contract.js'
import { readTransform } from '../policy/transform-spelling.js'
import type { KnownName } from '../rights/delivery-counts.js'
import { consentOverview } from './consent-overview.js'
import { overviewParts } from './routes/consents.js'

const counts = z.record(z.string(), z.int())

export const accountExport = z.object({
  account: z.string(),
  at: z.int().describe('When it was made, epoch milliseconds.'),
  addedMs: z.int(),
  ...overviewParts,
  devices: z.array(z.object({
    device: z.string(),
    addedMs: z.int(),
    hasKnownAddress: z.boolean().describe('A keyed fingerprint of an address of it is held.')
  })),
  hasAppToken: z.boolean(),
  tokens: z.array(z.object({ id: z.string(), createdMs: z.int() })).describe('Tokens of the API for this account.'),
  names: z.array(z.object({
    recipient: z.string(),
    device: z.string(),
    knownAs: z.enum(['pseudonym', 'id', 'other']),
    firstMs: z.int(),
    lastMs: z.int()
  })).describe('By what a recipient knows a device: of disclosures decided between these times.'),
  waiting: z.array(z.object({ recipient: z.string(), count: z.int() })).describe('Disclosures in the outbox.'),
  delivered: z.array(z.object({ recipient: z.string(), day: z.string(), reports: counts, categories: counts }))
    .describe('Disclosures delivered, by recipient and UTC day: how many of each report, and how many that held each category.')
})

/** A stream of one JSON document. Throws CurtilageError account-unknown, outbox-write before the first byte. */
export async function exportAccount (core: Core, account: string, outbox: Pick<Outbox, 'headers' | 'checkpoint'>): Promise<Readable> {
  const { accounts, devices, tokens } = core.registry
  const stored = accounts.show(account)
  if (stored === undefined) throw errorOf('account-unknown')
  // what arrived is counted then
  await outbox.checkpoint()
  const { facts, purposes, records } = consentOverview(core, account)
  const head = {
    account,
    at: core.now(),
    addedMs: stored.addedMs,
    facts,
    purposes,
    records,
    devices: devices.list(account).flatMap(device => devices.get(device) ?? []).map(({ device, addedMs, addresses }) => ({ device, addedMs, hasKnownAddress: addresses.length > 0 })),
    hasAppToken: stored.hasAppToken,
    tokens: tokens.list().filter(({ role }) => role === `account:${account}`).map(({ id, createdMs }) => ({ id, createdMs })),
    names: core.counts.names(account).map(shownName),
    waiting: await waitingOf(account, outbox)
  }
  return Readable.from(pieces(head, core.counts.of(account)))
}

function * pieces (head: object, delivered: Iterable<unknown>): Generator<string> {
  yield `${JSON.stringify(head).slice(0, -1)},"delivered":[`
  let separator = ''
  for (const count of delivered) {
    yield `${separator}${JSON.stringify(count)}`
    separator = ','
  }
  yield ']}'
}

async function waitingOf (account: string, outbox: Pick<Outbox, 'headers'>): Promise<{ recipient: string, count: number }[]> {
  const counts = new Map<string, number>()
  for await (const { recipient, header } of outbox.headers()) {
    if (header.account === account) counts.set(recipient, (counts.get(recipient) ?? 0) + 1)
  }
  return [...counts].map(([recipient, count]) => ({ recipient, count }))
}

function shownName ({ recipient, device, transform, firstMs, lastMs }: KnownName) {
  const kind = readTransform(transform)?.kind
  return { recipient, device, knownAs: kind === 'pseudonymize' ? 'pseudonym' : kind === 'keep' ? 'id' : 'other', firstMs, lastMs } as const
}

/**
 * Consents of many accounts and twelve purposes: how long they take to build, how fast one is looked up.
 *
 * One million need minutes and about 1.5 GB of disk.
 */

import { randomBytes } from 'node:crypto'
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { importConsents } from '../src/consent/import-consents.js'
import { ConsentLedger } from '../src/consent/ledger.js'
import { StandingConsents } from '../src/consent/standing/standing-consents.js'
import type { Statement } from '../src/consent/statement.js'
import { status, type StatusPolicy } from '../src/consent/status.js'
import { openStore, type Store } from '../src/store/store.js'

const PURPOSES = Array.from({ length: 12 }, (_, i) => `purpose-${String.fromCharCode(97 + i)}`)
const ACCOUNTS_A_REQUEST = 400
const IN_FLIGHT = 4
const SAID_EACH = 50_000
const LOOKUPS = 1_000_000
const ROUNDS = 9
const HOT_ACCOUNTS = 10_000
const KIND = { name: 'service-provider', access: 'open', clause: '3' } as const

const policy: StatusPolicy = {
  noticeVersion: '1.3',
  purposes: new Map(PURPOSES.map(name => [name, { name, required: false, signalHonored: false, minimumNotice: undefined, clause: '2' }])),
  regimes: new Map([['opt-in', { name: 'opt-in', defaults: new Map(), otherwise: false, deniedKinds: new Set<string>() }]])
}

export interface ConsentFigures {
  readonly accounts: number
  readonly records: number
  readonly buildSeconds: number
  readonly importLinesPerSecond: number
  readonly coldLookupNs: number
  readonly lookupNs: number
  readonly hotLookupNs: number
  readonly statusNs: number
  /** From the start until every account is in the table; until then the ledger is asked. */
  readonly fillSeconds: number
  readonly firstAnswerMs: number
  /** A look into the table: account → what stands of a purpose. Minimum, median and maximum of the rounds. */
  readonly standingNsLeast: number
  readonly standingNs: number
  readonly standingNsMost: number
  readonly standingBytes: number
  readonly appendsPerSecond: number
  readonly verifySeconds: number
  readonly heapMegabytes: number
  readonly residentMegabytes: number
  readonly diskMegabytes: number
}

/** Builds the ledger in the folder, and measures. Throws where a lookup finds something else than what was recorded. */
export async function benchConsent (folder: string, accounts: number, say: (text: string) => void): Promise<ConsentFigures> {
  let store = openStore(folder)
  try {
    const buildSeconds = await seconds(() => build(openLedger(store), accounts, say))
    await store.close()
    store = openStore(folder)
    return await measure(openLedger(store), accounts, buildSeconds, folder)
  } finally {
    await store.close()
  }
}

async function measure (ledger: ConsentLedger, accounts: number, buildSeconds: number, folder: string): Promise<ConsentFigures> {
  const coldLookupNs = lookups(ledger, accounts)
  const lookupNs = lookups(ledger, accounts)
  lookups(ledger, Math.min(accounts, HOT_ACCOUNTS))
  const hotLookupNs = lookups(ledger, Math.min(accounts, HOT_ACCOUNTS))
  const statusNs = statuses(ledger, Math.min(accounts, HOT_ACCOUNTS))
  const memory = process.memoryUsage()
  const standing = await standings(ledger, accounts)
  return {
    ...standing,
    accounts,
    records: accounts * PURPOSES.length,
    buildSeconds,
    coldLookupNs,
    lookupNs,
    hotLookupNs,
    statusNs,
    heapMegabytes: memory.heapUsed / 1e6,
    residentMegabytes: memory.rss / 1e6,
    appendsPerSecond: await appends(ledger, accounts),
    importLinesPerSecond: await imports(ledger, accounts),
    verifySeconds: await seconds(async () => { if (!(await ledger.verify()).ok) throw new Error('the ledger does not verify') }),
    diskMegabytes: statSync(join(folder, 'store', 'data.mdb')).size / 1e6
  }
}

function openLedger (store: Store): ConsentLedger {
  const all = () => true
  return new ConsentLedger({ store, now: Date.now, noticeVersion: () => '1.3', randomBytes, vocabulary: { purpose: name => policy.purposes.has(name), recipient: all, category: all } })
}

async function build (ledger: ConsentLedger, accounts: number, say: (text: string) => void): Promise<void> {
  const under: Promise<unknown>[] = []
  for (let first = 0; first < accounts; first += ACCOUNTS_A_REQUEST) {
    under.push(ledger.appendAll(statementsOf(first, Math.min(first + ACCOUNTS_A_REQUEST, accounts))))
    if (under.length >= IN_FLIGHT) await under.shift()
    if (first % SAID_EACH === 0) say(`${first} accounts recorded`)
  }
  await Promise.all(under)
}

function statementsOf (first: number, end: number): Statement[] {
  const statements: Statement[] = []
  for (let i = first; i < end; i++) {
    statements.push({ account: nameOf(i), facts: { regime: 'opt-in', region: 'us' } })
    PURPOSES.forEach((purpose, p) => statements.push({ account: nameOf(i), purpose, state: (i + p) % 3 === 0 ? 'denied' : 'granted' }))
  }
  return statements
}

function lookups (ledger: ConsentLedger, accounts: number): number {
  let found = 0
  const random = randomNumbers()
  const start = performance.now()
  for (let i = 0; i < LOOKUPS; i++) found += ledger.current(nameOf(random() % accounts))?.records.length ?? 0
  if (found !== LOOKUPS * PURPOSES.length) throw new Error('a lookup found something else')
  return (performance.now() - start) * 1e6 / LOOKUPS
}

function statuses (ledger: ConsentLedger, accounts: number): number {
  const random = randomNumbers()
  const start = performance.now()
  for (let i = 0; i < LOOKUPS; i++) {
    const consent = ledger.current(nameOf(random() % accounts))
    const purpose = PURPOSES[i % PURPOSES.length] ?? ''
    if (consent !== undefined) status(consent, { purpose, recipient: 'r', category: 'c', device: 'd' }, policy, KIND, 0)
  }
  return (performance.now() - start) * 1e6 / LOOKUPS
}

type StandingFigures = Pick<ConsentFigures, 'fillSeconds' | 'firstAnswerMs' | 'standingNsLeast' | 'standingNs' | 'standingNsMost' | 'standingBytes'>

async function standings (ledger: ConsentLedger, accounts: number): Promise<StandingFigures> {
  const start = performance.now()
  const consents = new StandingConsents({ ledger, purposes: PURPOSES, seed: randomBytes(4).readUInt32LE(), now: Date.now, onTrouble: error => { throw error } })
  const filling = consents.fill()
  if (consents.find(nameOf(accounts - 1), Date.now()) < 0 && ledger.current(nameOf(accounts - 1)) === undefined) throw new Error('no first answer')
  const firstAnswerMs = performance.now() - start
  await filling
  const fillSeconds = (performance.now() - start) / 1000
  const sorted = Array.from({ length: ROUNDS }, () => standingLookups(consents, accounts)).sort((a, b) => a - b)
  consents.close()
  const [standingNsLeast, standingNs, standingNsMost] = [sorted[0], sorted[ROUNDS >> 1], sorted.at(-1)] as [number, number, number]
  return { fillSeconds, firstAnswerMs, standingNsLeast, standingNs, standingNsMost, standingBytes: consents.table.bytes / accounts }
}

/** CPU of one look. Names are made before: what a report brings is a name already. */
function standingLookups (consents: StandingConsents, accounts: number): number {
  const random = randomNumbers()
  const names = Array.from({ length: LOOKUPS }, () => nameOf(random() % accounts))
  const columns = PURPOSES.map(purpose => consents.table.columnOf(purpose) ?? 0)
  const nowMs = Date.now()
  let known = 0
  const before = process.cpuUsage()
  for (let i = 0; i < LOOKUPS; i++) {
    const row = consents.find(names[i] as string, nowMs)
    // the state of a purpose: of all of them something is recorded
    if (row > 0 && consents.table.standing(row, columns[i % PURPOSES.length] as number) >>> 18 !== 0) known++
  }
  const { user, system } = process.cpuUsage(before)
  const ns = (user + system) * 1000 / LOOKUPS
  if (known !== LOOKUPS) throw new Error('a look found nothing')
  return ns
}

async function appends (ledger: ConsentLedger, accounts: number): Promise<number> {
  let left = 20_000
  const random = randomNumbers()
  const one = async () => { while (left-- > 0) await ledger.append([{ account: nameOf(random() % accounts), purpose: 'purpose-a', state: 'denied' }]) }
  const total = left
  return total / await seconds(async () => { await Promise.all(Array.from({ length: 64 }, one)) })
}

async function imports (ledger: ConsentLedger, accounts: number): Promise<number> {
  const count = Math.min(accounts, 100_000)
  const lines = Array.from({ length: count }, (_, i) => JSON.stringify({ account: nameOf(i), purpose: 'purpose-b', state: 'granted' }))
  return count / await seconds(async () => { if ((await importConsents(ledger, lines)).imported !== count) throw new Error('an import failed') })
}

async function seconds (work: () => Promise<void>): Promise<number> {
  const start = performance.now()
  await work()
  return (performance.now() - start) / 1000
}

function nameOf (account: number): string {
  return `home-${account}`
}

/** A small generator (xorshift), the same numbers each time. */
function randomNumbers (): () => number {
  let x = 123_456_789
  return () => {
    x ^= x << 13
    x ^= x >>> 17
    x ^= x << 5
    return x >>> 0
  }
}

import fc from 'fast-check'
import t, { type Test } from 'tap'
import { StandingConsents } from '../../src/consent/standing/standing-consents.js'
import { ASK_LEDGER, OUT_OF_TIME, StandingTable, UNKNOWN } from '../../src/consent/standing/standing-table.js'
import type { AccountConsent, ConsentScope } from '../../src/model/consent.js'
import { decide } from '../../src/decide/decide.js'
import { DEVICE_PATH, reconsider, StandingReconsideration, TIME_PATH, type Waiting } from '../../src/decide/reconsider.js'
import { StandingDecisions } from '../../src/decide/standing-decisions.js'
import type { DisclosedField } from '../../src/model/disclosure.js'
import type { Decision, FieldDecision } from '../../src/model/decision.js'
import type { CompiledReport } from '../../src/model/policy.js'
import { stillCovers } from '../../src/policy/order.js'
import { configurationOf } from '../fixtures/policy.js'
import { facts as anyFacts, openLedger, RUNS, states, type Fixture } from './fixture.js'

const { policy } = configurationOf()
const PURPOSES = [...policy.purposes.keys()]
const vocabulary = { purpose: (name: string) => policy.purposes.has(name), recipient: () => true, category: () => true }
const ACCOUNTS = ['a', 'b', 'ab', 'ba', 'home-1', 'home-2', 'A'.repeat(64)]

const table = (): StandingTable => new StandingTable({ purposes: PURPOSES, seed: 1 })

function account (name: string, region = 'us'): AccountConsent {
  return { account: name, facts: { regime: 'opt-in', region, minor: false, optOutSignal: false }, records: [] }
}

t.test('table: accounts put in, replaced and removed at random -> just those are found, each as it was put', async () => {
  const ids = fc.oneof(fc.constantFrom(...ACCOUNTS), fc.integer({ min: 0, max: 400 }).map(i => `h${i}`))
  fc.assert(fc.property(fc.array(fc.tuple(ids, fc.option(fc.integer({ min: 0, max: 200 }), { freq: 2 })), { minLength: 100, maxLength: 2_000 }), steps => {
    const [made, model] = [table(), new Map<string, string>()]
    for (const [id, region] of steps) {
      if (region === null) {
        made.remove(id)
        model.delete(id)
      } else {
        made.put(account(id, `r${region}`), 0)
        model.set(id, `r${region}`)
      }
    }
    for (const id of new Set([...steps.map(([id]) => id), ...ACCOUNTS])) {
      const row = made.find(id, 0)
      const found = row > 0 ? made.exampleOf(made.standing(row, 0), PURPOSES[0] ?? '').facts.region : undefined
      if (found !== model.get(id) || made.size !== model.size) return false
    }
    return true
  }), { numRuns: RUNS / 10 })
})

t.test('table: 200,000 accounts -> each found by its whole id, 100 bytes each at most; what is removed leaves room for others', async t => {
  const made = table()
  const id = (i: number): string => `home-${i}`
  const all = Array.from({ length: 200_000 }, (_, i) => ({ ...account(id(i), `r${i % 7}`), records: PURPOSES.map((purpose, p) => ({ id: '', sequence: p, at: 0, notice: '1.3', purpose, state: (i + p) % 2 === 0 ? 'granted' as const : 'denied' as const })) }))
  for (const consent of all) made.put(consent, 0)
  const wrong = all.filter(({ account, facts, records }) => {
    const example = made.exampleOf(made.standing(made.find(account, 0), 1), PURPOSES[1] ?? '')
    return example.facts.region !== facts.region || example.records[0]?.state !== records[1]?.state
  })
  t.strictSame(wrong, [])
  t.equal(made.find(id(200_000), 0), UNKNOWN)
  t.ok(made.bytes / all.length <= 100, `${made.bytes / all.length} bytes`)
  const { bytes } = made
  for (const { account } of all) made.remove(account)
  t.strictSame(all.filter(({ account }) => made.find(account, 0) !== UNKNOWN), [])
  for (const { account } of all) made.put({ ...all[0] as AccountConsent, account: account.replace('home', 'flat') }, 0)
  t.equal(made.bytes, bytes)
})

t.test('table: what a row cannot say -> the ledger is asked', async t => {
  const made = table()
  const record = { id: '', sequence: 1, at: 0, notice: '1.3', purpose: 'marketing', state: 'granted' as const }
  const rows: [string, AccountConsent, number][] = [
    ['nothing', account('a'), 1],
    ['a record', { ...account('a'), records: [record] }, 1],
    ['for a recipient', { ...account('a'), records: [{ ...record, recipient: 'r' }] }, ASK_LEDGER],
    ['for a category', { ...account('a'), records: [{ ...record, category: 'c' }] }, ASK_LEDGER],
    ['for a device', { ...account('a'), records: [record, { ...record, purpose: 'analyze-use', device: 'd' }] }, ASK_LEDGER]
  ]
  for (const [name, consent, found] of rows) {
    made.put(consent, 0)
    t.equal(Math.min(made.find('a', 0), 1), found, name)
  }
  t.throws(() => made.put(account('Zoë'), 0), TypeError)
  t.throws(() => made.put(account(''), 0), TypeError)
  for (let i = 0; i < 40; i++) made.put({ ...account(`a${i}`), records: [{ ...record, notice: `1.${i}` }] }, 0)
  t.strictSame([0, 30, 33].map(i => Math.min(made.find(`a${i}`, 0), 1)), [1, 1, ASK_LEDGER], 'more notices than numbers')
  for (let i = 0; i < 300; i++) made.put(account(`b${i}`, `r${i}`), 0)
  t.strictSame([0, 299].map(i => Math.min(made.find(`b${i}`, 0), 1)), [1, ASK_LEDGER], 'more regions than numbers')
})

t.test('table: a grant that expires -> its row holds before and after, and is out of time in between', async t => {
  const made = table()
  const consent = { ...account('a'), records: [{ id: '', sequence: 1, at: 0, notice: '1.3', purpose: 'marketing', state: 'granted' as const, expires: 5_500 }] }
  made.put(consent, 0)
  t.strictSame([0, 4_999, 5_000, 5_500, 9_000].map(at => made.find('a', at) > 0), [true, true, false, false, false])
  made.put(consent, 7_000)
  t.strictSame([0, 5_999, 6_000, 9_000, 4e12].map(at => made.find('a', at) > 0), [false, false, true, true, true])
  t.equal(made.find('a', 0), OUT_OF_TIME)
  t.strictSame(made.exampleOf(made.standing(made.find('a', 9_000), made.columnOf('marketing') ?? 0), 'marketing').records.map(({ expires }) => expires), [0])
})

/** Without the ids of consent records, which what is remembered does not name. */
function bare (decision: Decision): unknown {
  const field = ({ consent, ...rest }: FieldDecision): unknown => rest
  const plan = decision.plan === undefined ? undefined : { fields: decision.plan.fields.map(field), device: field(decision.plan.device), time: field(decision.plan.time) }
  if (decision.effect === 'disclose') return { ...decision, plan }
  const { consent, ...rest } = decision
  return { ...rest, plan }
}

/** What may have been disclosed of a report, each as the same object every time: field by field, under several transforms. */
const disclosed = new Map([...policy.reports.values()].map(report => [report, disclosedOf(report)]))

function disclosedOf (report: CompiledReport): DisclosedField[] {
  const fields = report.fields.map(({ path, category }) => ({ path, category: category.name }))
  const all = [...fields, { path: DEVICE_PATH, category: 'device.id' }, { path: TIME_PATH, category: 'device.time' }, { path: 'gone', category: 'device.model' }]
  return all.flatMap(field => ['keep', 'round:10', 'round:20', 'no transform'].map(transform => ({ ...field, transform })))
}

/** For every report and recipient: the remembered way, beside the ledger and `decide`. Counts what was remembered. */
function compare (t: Test, { ledger }: Fixture, consents: StandingConsents, decisions: StandingDecisions, again: StandingReconsideration, nowMs: number): number {
  let remembered = 0
  for (const name of [...ACCOUNTS, 'nobody']) {
    const consent = ledger.current(name)
    const row = consents.find(name, nowMs)
    if (row === UNKNOWN) {
      if (consent !== undefined) t.fail('an account that is there is not found')
      continue
    }
    if (row === ASK_LEDGER) continue
    for (const report of policy.reports.values()) {
      for (const recipient of policy.recipients) {
        const decision = decisions.of(report, recipient, row)
        if (decision === undefined) continue
        remembered++
        const expected = decide({ report, recipient, device: 'd1', consent, nowMs }, policy)
        // not strictSame for each: there are very many
        if (JSON.stringify(bare(decision)) !== JSON.stringify(bare(expected))) t.strictSame(bare(decision), bare(expected), `${report.name} ${recipient.name}`)
        const fields = disclosed.get(report) ?? []
        const header = { account: name, device: 'd1', policy: '', decidedMs: 0, notBeforeMs: 0, fields: [0, 1, 2].flatMap(i => fields[(remembered * 7 + i * i) % fields.length] ?? []) }
        const waiting: Waiting = { recipient: recipient.name, report: report.name, header }
        const [answer, wanted] = [again.of(waiting, row), reconsider(waiting, consent, policy, nowMs, stillCovers)]
        if (answer !== wanted) t.equal(answer, wanted, `${report.name} ${recipient.name} ${JSON.stringify(header.fields)}`)
      }
    }
  }
  return remembered
}

const scope: fc.Arbitrary<ConsentScope> = fc.record({ purpose: fc.constantFrom(...PURPOSES), recipient: fc.option(fc.constantFrom('home', 'analytics'), { nil: undefined, freq: 12 }), device: fc.option(fc.constant('d1'), { nil: undefined, freq: 12 }) })
  .map(parts => Object.fromEntries(Object.entries(parts).filter(([, part]) => part !== undefined)) as unknown as ConsentScope)
const step = fc.oneof(
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('consent' as const), account: fc.constantFrom(...ACCOUNTS), scope, state: states, expires: fc.option(fc.integer({ min: 0, max: 20_000 }), { nil: undefined }), notice: fc.option(fc.constantFrom('1.1', '1.2', '1.3'), { nil: undefined }) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('facts' as const), account: fc.constantFrom(...ACCOUNTS), facts: anyFacts.map(facts => ({ regime: 'opt-in', region: 'us', ...facts })) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('erase' as const), account: fc.constantFrom(...ACCOUNTS) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('clock' as const), ms: fc.integer({ min: 0, max: 20_000 }) }) }
)

async function take (fixture: Fixture, done: typeof step extends fc.Arbitrary<infer S> ? S : never): Promise<void> {
  const { ledger, clock } = fixture
  if (done.kind === 'clock') { clock.ms = done.ms; return }
  if (done.kind === 'erase') return await ledger.erase(done.account)
  if (done.kind === 'facts') { await ledger.setFacts(done.account, done.facts); return }
  if (ledger.current(done.account) === undefined) return
  const { account, state, expires, notice } = done
  await ledger.append([{ account, ...done.scope, state, ...(state === 'granted' && expires !== undefined && { expires }), ...(notice !== undefined && { notice }) }])
}

t.test('INVARIANT: what is remembered is what `decide` and `reconsider` say, at every time and after any changes', async t => {
  let remembered = 0
  await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 60 }), fc.nat({ max: 60 }), async (steps, fillAfter) => {
    const fixture = openLedger(t.testdir(), { vocabulary })
    const { ledger, clock, store } = fixture
    const consents = new StandingConsents({ ledger, purposes: PURPOSES, seed: 7, now: clock.now, onTrouble: error => { throw error } })
    const decisions = new StandingDecisions(policy, consents.table)
    const again = new StandingReconsideration(policy, decisions, stillCovers)
    let filling: Promise<void> | undefined
    await ledger.appendAll(ACCOUNTS.slice(0, 5).map(account => ({ account, facts: { regime: 'opt-in', region: 'us' } })))
    for (const [i, one] of steps.entries()) {
      if (i === fillAfter) filling = consents.fill()
      await take(fixture, one)
      for (const atMs of [clock.ms, 0, 999, 5_000, 20_001]) remembered += compare(t, fixture, consents, decisions, again, atMs)
    }
    await (filling ?? consents.fill())
    t.ok(consents.isFull)
    remembered += compare(t, fixture, consents, decisions, again, clock.ms)
    consents.close()
    await store.close()
  }), { numRuns: RUNS / 10 })
  t.ok(remembered > RUNS * 100, `${remembered} compared`)
})

t.test('INVARIANT: after an append resolves no standing of before is given: changes and erasures while many accounts are read in', async t => {
  const fixture = openLedger(t.testdir(), { vocabulary, cachedViews: 10 })
  const { ledger, clock, store } = fixture
  const names = Array.from({ length: 3_000 }, (_, i) => `home-${i}`)
  await ledger.appendAll(names.flatMap(account => [{ account, facts: { regime: 'opt-in', region: 'us' } }, { account, purpose: 'marketing', state: 'granted' as const }]))
  const consents = new StandingConsents({ ledger, purposes: PURPOSES, seed: 7, now: clock.now, onTrouble: error => { throw error } })
  const column = consents.table.columnOf('marketing') ?? 0
  const stateOf = (name: string): string | undefined => {
    const row = consents.find(name, clock.ms)
    if (row === UNKNOWN) return 'erased'
    return row === ASK_LEDGER ? undefined : consents.table.exampleOf(consents.table.standing(row, column), 'marketing').records[0]?.state
  }
  t.equal(consents.find('home-1', clock.ms), ASK_LEDGER, 'not read in yet')
  t.equal(consents.find('nobody', clock.ms), ASK_LEDGER, 'nobody is unknown before all are read in')
  const filling = consents.fill()
  const expected = new Map(names.map(name => [name, 'granted']))
  let early = 0
  for (let i = 0; i < 300; i++) {
    const name = names[(i * 7919) % names.length] ?? ''
    const erase = i % 3 === 0
    if (erase) await ledger.erase(name)
    else if (ledger.current(name) !== undefined) await ledger.append([{ account: name, purpose: 'marketing', state: 'withdrawn' }])
    if (erase || ledger.current(name) !== undefined) expected.set(name, erase ? 'erased' : 'withdrawn')
    if (!consents.isFull) early++
    const state = stateOf(name)
    if (state !== undefined && state !== expected.get(name)) t.equal(state, expected.get(name), name)
  }
  await filling
  t.ok(early > 0, `${early} changes before all were read in`)
  t.ok(consents.isFull)
  t.strictSame(names.filter(name => stateOf(name) !== expected.get(name)), [])
  t.equal(consents.table.size, [...expected.values()].filter(state => state !== 'erased').length)
  t.equal(consents.find('nobody', clock.ms), UNKNOWN)
  consents.close()
  await store.close()
})

t.test('trouble while a change is taken -> from then on the ledger is asked for everybody', async t => {
  const fixture = openLedger(t.testdir(), { vocabulary })
  const { ledger, clock, store } = fixture
  await ledger.setFacts('a', { regime: 'opt-in', region: 'us' })
  let fails = false
  const told: unknown[] = []
  const consents = new StandingConsents({
    ledger: { current: name => { if (fails) throw new Error('unreadable'); return ledger.current(name) }, onChange: listener => ledger.onChange(listener), views: (after, limit) => ledger.views(after, limit) },
    purposes: PURPOSES,
    seed: 7,
    now: clock.now,
    onTrouble: error => told.push(error)
  })
  await consents.fill()
  t.ok(consents.find('a', clock.ms) > 0)
  fails = true
  await ledger.setFacts('a', { minor: true })
  t.equal(consents.find('a', clock.ms), ASK_LEDGER)
  t.equal(consents.isFull, false)
  t.equal(told.length, 1)
  fails = false
  await ledger.setFacts('a', { minor: false })
  t.equal(consents.find('a', clock.ms), ASK_LEDGER, 'it does not come back')
  t.equal(told.length, 1)
  await store.close()
})

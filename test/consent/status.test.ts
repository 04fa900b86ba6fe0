import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import t from 'tap'
import { parseExpiry } from '../../src/consent/expiry.js'
import { isNoticeAtLeast } from '../../src/consent/notice-version.js'
import { recordId, sequenceOf } from '../../src/consent/record-id.js'
import { status } from '../../src/consent/status.js'
import { withEntry } from '../../src/consent/view.js'
import type { AccountConsent, AccountFacts, ConsentRecord } from '../../src/model/consent.js'
import { facts as anyFacts, KINDS, openLedger, policy, questions, RUNS, scopes, states } from './fixture.js'
import { naiveAnswer, type NaiveEntry } from './naive.js'

const FACTS: AccountFacts = { regime: 'opt-in', region: 'us', minor: false, optOutSignal: false }
const QUESTION = { purpose: 'other', recipient: 'r1', category: 'c1', device: 'd1' }
const [OPEN, MARKETING, INTEGRATION] = KINDS as [typeof KINDS[0] & {}, typeof KINDS[0] & {}, typeof KINDS[0] & {}]
const NOW = 1_000_000

type Written = Omit<Partial<ConsentRecord>, 'id' | 'sequence'>

/** An account after these statements, in order. */
function account (facts: Partial<AccountFacts>, ...written: Written[]): AccountConsent {
  let view: AccountConsent = { account: 'a', facts: { ...FACTS, ...facts }, records: [] }
  written.forEach((parts, i) => {
    const record = { id: recordId(i + 1), sequence: i + 1, purpose: 'other', state: 'granted', at: i, notice: '1.3', ...parts } as ConsentRecord
    view = withEntry(view, 'a', record) ?? view
  })
  return view
}

const yes = { state: 'granted' } as const
const no = { state: 'denied' } as const
const gone = { state: 'withdrawn' } as const
const expired = { state: 'granted', expires: NOW } as const

t.test('scope: which record decides -> the narrowest of those not cancelled, denial between equals', t => {
  const rows: [name: string, written: Written[], answer: string, state: string, decidedBy: number | string, reason?: string][] = [
    ['nothing recorded', [], 'no', 'unset', 'regime:opt-in', 'consent-unset'],
    ['a grant', [yes], 'yes', 'granted', 1],
    ['a denial', [no], 'no', 'denied', 1, 'consent-denied'],
    ['a withdrawal', [yes, gone], 'no', 'withdrawn', 2, 'consent-withdrawn'],
    ['a grant after a withdrawal', [gone, yes], 'yes', 'granted', 2],
    ['a grant of another purpose', [{ ...yes, purpose: 'marketing' }], 'no', 'unset', 'regime:opt-in', 'consent-unset'],
    ['a grant for another recipient', [{ ...yes, recipient: 'r2' }], 'no', 'unset', 'regime:opt-in', 'consent-unset'],
    ['a narrower denial after a grant', [yes, { ...no, category: 'c1' }], 'no', 'denied', 2, 'consent-denied'],
    ['a narrower denial elsewhere', [yes, { ...no, category: 'c2' }], 'yes', 'granted', 1],
    ['a narrower grant after a denial', [no, { ...yes, device: 'd1' }], 'yes', 'granted', 2],
    ['a broad denial after a narrow grant cancels it', [{ ...yes, device: 'd1' }, no], 'no', 'denied', 2, 'consent-denied'],
    ['a broad grant after a narrow denial cancels it', [{ ...no, device: 'd1' }, yes], 'yes', 'granted', 2],
    ['incomparable, grant newer', [{ ...no, device: 'd1' }, { ...yes, category: 'c1' }], 'no', 'denied', 1, 'consent-denied'],
    ['incomparable, denial newer', [{ ...yes, category: 'c1' }, { ...no, device: 'd1' }], 'no', 'denied', 2, 'consent-denied'],
    ['incomparable grants', [{ ...yes, category: 'c1' }, { ...yes, device: 'd1' }], 'yes', 'granted', 2],
    ['incomparable, one expired', [{ ...expired, category: 'c1' }, { ...yes, device: 'd1' }], 'no', 'expired', 1, 'consent-expired'],
    ['incomparable, one expired, one withdrawn', [{ ...gone, category: 'c1' }, { ...expired, device: 'd1' }], 'no', 'withdrawn', 1, 'consent-withdrawn'],
    ['narrowest of three', [no, { ...yes, category: 'c1' }, { ...no, category: 'c1', device: 'd1' }], 'no', 'denied', 3, 'consent-denied'],
    ['expired', [expired], 'no', 'expired', 1, 'consent-expired'],
    ['not yet expired', [{ ...yes, expires: NOW + 1 }], 'yes', 'granted', 1],
    ['a narrow grant expired over a broad one', [yes, { ...expired, device: 'd1' }], 'no', 'expired', 2, 'consent-expired']
  ]
  for (const [name, written, answer, state, decidedBy, reason] of rows) {
    const grounds = typeof decidedBy === 'number' ? recordId(decidedBy) : decidedBy
    t.strictSame(status(account({}, ...written), QUESTION, policy, OPEN, NOW), { answer, state, grounds, ...(reason !== undefined && { reason }) }, name)
  }
  t.end()
})

t.test('status: regimes, facts, kinds -> in the order of the design', t => {
  const marketing = { ...QUESTION, purpose: 'marketing' }
  const improve = { ...QUESTION, purpose: 'improve-products' }
  const service = { ...QUESTION, purpose: 'provide-service' }
  const named = { ...yes, recipient: 'r1' }
  const rows: [name: string, facts: Partial<AccountFacts>, written: Written[], question: typeof QUESTION, kind: typeof OPEN, answer: string, grounds: string, reason?: string][] = [
    ['opt-out: unset means yes', { regime: 'opt-out' }, [], QUESTION, OPEN, 'yes', 'regime:opt-out'],
    ['opt-out: marketing', { regime: 'opt-out' }, [], marketing, OPEN, 'no', 'regime:opt-out', 'consent-unset'],
    ['opt-out: sale-like kind', { regime: 'opt-out' }, [], QUESTION, MARKETING, 'no', 'regime:opt-out', 'consent-unset'],
    ['opt-out: sale-like kind, granted', { regime: 'opt-out' }, [yes], QUESTION, MARKETING, 'yes', recordId(1)],
    ['opt-out: an expired grant is no default', { regime: 'opt-out' }, [expired], QUESTION, OPEN, 'no', recordId(1), 'consent-expired'],
    ['notice: analytics yes', { regime: 'notice' }, [], improve, OPEN, 'yes', 'regime:notice'],
    ['notice: other no', { regime: 'notice' }, [], QUESTION, OPEN, 'no', 'regime:notice', 'consent-unset'],
    ['unknown regime is opt-in', { regime: 'martian' }, [], QUESTION, OPEN, 'no', 'regime:opt-in', 'consent-unset'],
    ['unknown regime, granted', { regime: 'martian' }, [yes], QUESTION, OPEN, 'yes', recordId(1)],
    ['minor, granted', { minor: true }, [yes], QUESTION, OPEN, 'no', 'fact:minor', 'minor'],
    ['minor before signal', { minor: true, optOutSignal: true }, [], improve, OPEN, 'no', 'fact:minor', 'minor'],
    ['minor, required', { minor: true }, [], service, OPEN, 'yes', 'required'],
    ['minor, required, integration without a grant', { minor: true }, [], service, INTEGRATION, 'no', 'regime:opt-in', 'consent-unset'],
    ['signal, granted', { optOutSignal: true }, [{ ...yes, purpose: 'improve-products' }], improve, OPEN, 'no', 'fact:opt-out-signal', 'opt-out-signal'],
    ['signal, purpose not marked', { optOutSignal: true }, [yes], QUESTION, OPEN, 'yes', recordId(1)],
    ['required, denied', {}, [{ ...no, purpose: 'provide-service' }], service, OPEN, 'yes', 'required'],
    ['old notice', {}, [{ ...yes, purpose: 'marketing', notice: '1.2' }], marketing, OPEN, 'no', recordId(1), 'notice-version'],
    ['later notice', {}, [{ ...yes, purpose: 'marketing', notice: '1.10' }], marketing, OPEN, 'yes', recordId(1)],
    ['old notice, purpose asks for none', {}, [{ ...yes, notice: '0.9' }], QUESTION, OPEN, 'yes', recordId(1)],
    ['integration: unset in opt-out', { regime: 'opt-out' }, [], QUESTION, INTEGRATION, 'no', 'regime:opt-out', 'consent-unset'],
    ['integration: required purpose, unset', {}, [], service, INTEGRATION, 'no', 'regime:opt-in', 'consent-unset'],
    ['integration: a grant that names it', {}, [{ ...named, purpose: 'provide-service' }], service, INTEGRATION, 'yes', recordId(1)],
    ['integration: a grant that names another', {}, [{ ...named, recipient: 'r2' }], QUESTION, INTEGRATION, 'no', 'regime:opt-in', 'consent-unset'],
    ['integration: a grant that names nobody', {}, [yes], QUESTION, INTEGRATION, 'no', recordId(1), 'consent-unset'],
    ['integration: named, narrower denial', {}, [named, { ...no, recipient: 'r1', category: 'c1' }], QUESTION, INTEGRATION, 'no', recordId(2), 'consent-denied'],
    ['integration: named, and one for the category', {}, [named, { ...yes, category: 'c1' }], QUESTION, INTEGRATION, 'yes', recordId(2)],
    ['integration: named, expired', {}, [{ ...named, expires: NOW }], QUESTION, INTEGRATION, 'no', recordId(1), 'consent-expired'],
    ['integration: withdrawn', {}, [named, { ...gone, recipient: 'r1' }], QUESTION, INTEGRATION, 'no', recordId(2), 'consent-withdrawn'],
    ['unknown purpose', { regime: 'opt-out' }, [{ ...yes, purpose: 'x' }], { ...QUESTION, purpose: 'x' }, OPEN, 'no', 'regime:opt-out', 'consent-unset']
  ]
  for (const [name, facts, written, question, kind, answer, grounds, reason] of rows) {
    t.strictSame({ ...status(account(facts, ...written), question, policy, kind, NOW), state: '' }, { answer, state: '', grounds, ...(reason !== undefined && { reason }) }, name)
  }
  t.end()
})

t.test('status: random ledgers, questions, times -> as the naive model; the past answers as it did then', async t => {
  const { ledger, clock, store } = openLedger(t.testdir(), { cachedViews: 2 })
  const statements = fc.oneof(
    { weight: 5, arbitrary: fc.record({ scope: scopes, state: states, expiresIn: fc.option(fc.integer({ min: 0, max: 40 }), { nil: undefined }), notice: fc.constantFrom('1.2', '1.3', '1.4') }) },
    { weight: 1, arbitrary: fc.record({ facts: anyFacts }) }
  )
  let run = 0
  await fc.assert(fc.asyncProperty(anyFacts, fc.array(statements, { maxLength: 12 }), fc.array(questions, { minLength: 3, maxLength: 6 }), async (first, rest, asked) => {
    const account = `home-${++run}`
    const entries: NaiveEntry[] = []
    const seen: { at: number, answers: unknown }[] = []
    const ask = (view: AccountConsent | undefined, atMs: number) => asked.flatMap(question => KINDS.map(kind => view === undefined ? 'unknown' : status(view, question, policy, kind, atMs).answer))
    for (const statement of [{ facts: { regime: 'opt-in', region: 'us', ...first } }, ...rest]) {
      if ('facts' in statement) {
        const record = await ledger.setFacts(account, statement.facts)
        entries.push({ at: record.at, facts: statement.facts })
      } else {
        const { scope, state, expiresIn, notice } = statement
        const expires = state === 'granted' && expiresIn !== undefined ? { expires: clock.ms + expiresIn } : {}
        const [record] = await ledger.append([{ account, ...scope, state, notice, ...expires }])
        entries.push({ ...scope, state, notice, ...expires, at: record?.at ?? 0 })
      }
      seen.push({ at: clock.ms, answers: ask(ledger.current(account), clock.ms) })
    }
    for (const { at, answers } of [{ at: 1, answers: undefined }, ...seen, { at: clock.ms + 30, answers: undefined }]) {
      const naive = asked.flatMap(question => KINDS.map(kind => naiveAnswer(entries, question, policy, kind, at)))
      const past = ask(ledger.at(account, at), at)
      if (JSON.stringify(past) !== JSON.stringify(naive)) throw new Error('the ledger answers otherwise than the naive model')
      if (answers !== undefined && JSON.stringify(past) !== JSON.stringify(answers)) throw new Error('the past answers otherwise than it did then')
    }
    if (!isDeepStrictEqual(ledger.current(account), ledger.at(account, clock.ms))) throw new Error('the view does not follow from the ledger')
  }), { numRuns: RUNS })
  const verification = await ledger.verify()
  t.ok(verification.ok)
  t.ok(verification.entries >= run)
  await store.close()
})

t.test('INVARIANT: recording a denial never widens what leaves', t => {
  const record = fc.record({ scope: scopes, state: states, expires: fc.option(fc.integer({ min: 0, max: 20 }), { nil: undefined }), notice: fc.constantFrom('1.2', '1.3') })
  const denial = fc.record({ scope: scopes, state: fc.constantFrom('denied' as const, 'withdrawn' as const) })
  fc.assert(fc.property(anyFacts, fc.array(record, { maxLength: 8 }), denial, questions, fc.integer({ min: 0, max: 20 }), (facts, records, denied, question, atMs) => {
    const written = records.map(({ scope, state, expires, notice }) => ({ ...scope, state, notice, ...(state === 'granted' && expires !== undefined && { expires }) }))
    const before = account(facts, ...written)
    const after = account(facts, ...written, { ...denied.scope, state: denied.state })
    for (const kind of KINDS) {
      const widened = status(before, question, policy, kind, atMs).answer === 'no' && status(after, question, policy, kind, atMs).answer === 'yes'
      if (widened) return false
    }
    return true
  }), { numRuns: RUNS * 10 })
  t.end()
})

t.test('notice versions, record ids, expiries: tables -> as specified', t => {
  const versions: [string, string, boolean][] = [['1.3', '1.3', true], ['1.10', '1.9', true], ['1.9', '1.10', false], ['2', '1.9', true], ['1.3', '1.3.1', false], ['1.3.0', '1.3', true], ['x', '1.3', false], ['1.3', 'x', false], ['', '1', false]]
  for (const [version, minimum, result] of versions) t.equal(isNoticeAtLeast(version, minimum), result, `${version} ${minimum}`)
  for (const sequence of [0, 1, 19, 20, 12_345_678, 2 ** 40]) t.equal(sequenceOf(recordId(sequence)), sequence)
  t.match(recordId(1), /^[g-z]{12}$/)
  for (const id of ['', 'abc', 'g', 'gggggggggggg1', 'zzzzzzzzzzzzzzz']) t.equal(sequenceOf(id), undefined)
  const expiries: [string | number, number | undefined][] = [
    ['2027-01-31', Date.UTC(2027, 0, 31)], ['2027-01-31T12:00:00Z', Date.UTC(2027, 0, 31, 12)], ['2027-01-31T12:00+02:00', Date.UTC(2027, 0, 31, 10)],
    [5, 5], [8.64e15, 8.64e15], [8.64e15 + 1, undefined], [-1, undefined], [1.5, undefined], ['tomorrow', undefined], ['2027-02-30', undefined], ['2027-01-31T12:00:00', undefined], ['2027-13-01', undefined], ['1', undefined], ['', undefined]
  ]
  for (const [written, result] of expiries) t.equal(parseExpiry(written), result, String(written))
  t.end()
})

import t from 'tap'
import { decide, type Question } from '../../src/decide/decide.js'
import { reconsider } from '../../src/decide/reconsider.js'
import { stillCovers } from '../../src/policy/order.js'
import { configurationOf } from '../fixtures/policy.js'
import type { AccountConsent, AccountFacts, ConsentRecord } from '../../src/model/consent.js'
import type { PrivateHeader } from '../../src/model/disclosure.js'
import type { CompiledPolicy } from '../../src/model/policy.js'

const { policy } = configurationOf()
const NOW = Date.UTC(2026, 0, 5)

function account (facts: Partial<AccountFacts> = {}, ...records: Partial<ConsentRecord>[]): AccountConsent {
  return {
    account: 'A',
    facts: { regime: 'opt-in', region: 'us', minor: false, optOutSignal: false, ...facts },
    records: records.map((record, i) => ({ id: `g${'h'.repeat(i + 1)}`, sequence: i + 1, state: 'granted', at: 0, notice: '1.3', purpose: 'improve-products', ...record }))
  }
}

function question (recipientName: string, consent: AccountConsent | undefined, reportName = 'motion', within: CompiledPolicy = policy): Question {
  const recipient = within.recipients.find(({ name }) => name === recipientName)
  const report = within.reports.get(reportName)
  if (recipient === undefined || report === undefined) throw new TypeError('not in the fixture')
  return { recipient, report, device: 'D', consent, nowMs: NOW }
}

t.test('decide: each gate, in the design\'s order -> its reason and clause', async t => {
  const granted = { purpose: 'improve-products' }
  const rows: [string, Question, string | undefined, string?][] = [
    ['switched off', question('ads', account({}, { purpose: 'marketing' })), 'recipient-off'],
    ['report not listed', question('service', account(), 'partner'), 'report-not-listed'],
    ['account unknown', question('analytics', undefined), 'account-unknown'],
    ['region', question('analytics', account({ region: 'eu' }, granted)), 'region', '5'],
    ['region unknown to the rules', question('analytics', account({ region: 'mars' }, granted)), 'region', '5'],
    ['origin', question('analytics', account({}, granted), 'partner'), 'origin', '1.3'],
    ['minor', question('analytics', account({ minor: true }, granted)), 'minor', '10'],
    ['minor, required purpose', question('service', account({ minor: true })), undefined],
    ['opt-out signal', question('analytics', account({ optOutSignal: true }, granted)), 'opt-out-signal', '7'],
    ['old notice', question('use', account({}, { purpose: 'analyze-use', notice: '1.1' })), 'notice-version', 'head'],
    ['recent notice', question('use', account({}, { purpose: 'analyze-use', notice: '1.2' })), undefined],
    ['unset under opt-in', question('analytics', account()), 'consent-unset'],
    ['unset under an unknown regime', question('analytics', account({ regime: 'other' })), 'consent-unset'],
    ['unset under opt-out', question('analytics', account({ regime: 'opt-out' })), undefined],
    ['unset under the notice', question('analytics', account({ regime: 'notice' })), undefined],
    ['denied', question('analytics', account({ regime: 'opt-out' }, { state: 'denied' })), 'consent-denied'],
    ['withdrawn', question('analytics', account({}, { state: 'withdrawn' })), 'consent-withdrawn'],
    ['expired', question('analytics', account({}, { expires: NOW - 1 })), 'consent-expired'],
    ['integration without its own consent', question('home', account({}, { purpose: 'provide-service' })), 'consent-unset', '3'],
    ['integration with its own consent', question('home', account({}, { purpose: 'provide-service', recipient: 'home' })), undefined]
  ]
  for (const [name, asked, reason, clause] of rows) {
    const decision = decide(asked, policy)
    t.equal(decision.effect === 'withhold' ? decision.reason : undefined, reason, name)
    if (decision.effect === 'withhold' && clause !== undefined) t.equal(decision.clause, clause, name)
  }
})

t.test('decide: fields -> rule, consent record and clause; what no rule covers stays', async t => {
  const decision = decide(question('analytics', account({}, {}, { category: 'device.name', state: 'denied' })), policy)
  t.equal(decision.effect, 'disclose')
  if (decision.effect !== 'disclose') return
  const by = Object.fromEntries(decision.recipient.reports.size > 0 ? (policy.reports.get('motion')?.fields ?? []).map(({ path, index }) => [path, decision.plan.fields[index]]) : [])
  t.match(by.model, { effect: 'disclose', rule: 'recipients/analytics.yaml:9', consent: 'gh', clause: '1.1' })
  t.match(by.alias, { effect: 'suppress', reason: 'consent-denied', consent: 'ghh' })
  t.match(by['ap_list[].bssid'], { effect: 'suppress', reason: 'never-disclosed' })
  t.match(decide(question('service', account()), policy), { effect: 'disclose', plan: { device: { effect: 'suppress', reason: 'not-allowed' } } })
})

t.test('reconsider: consent or policy is narrower now -> withheld', async t => {
  const header: PrivateHeader = { account: 'A', device: 'D', policy: policy.digest, decidedMs: NOW, notBeforeMs: NOW, fields: [{ path: 'power', category: 'energy.power', transform: 'round:10' }, { path: 'model', category: 'device.model', transform: 'keep' }] }
  const ask = (consent: AccountConsent | undefined, within = policy, recipient = 'analytics') => reconsider({ recipient, report: 'motion', header }, consent, within, NOW, stillCovers)
  const yes = account({}, {})
  const edited = (from: string, to: string): CompiledPolicy => configurationOf({ 'recipients/analytics.yaml': text => text.replace(from, to) }).policy
  t.equal(ask(yes), undefined, 'nothing changed')
  t.equal(ask(undefined), 'erased')
  t.equal(ask(account({}, {}, { state: 'withdrawn' })), 'consent-withdrawn')
  t.equal(ask(account({}, {}, { category: 'energy.power', state: 'denied' })), 'consent-denied')
  t.equal(ask(account({}, {}, { category: 'device.name', state: 'denied' })), undefined, 'a category that the disclosure does not hold')
  t.equal(ask(account({ minor: true }, {})), 'minor')
  t.equal(ask(yes, edited('energy.power: { round: 10 }', 'energy.power: { round: 20 }')), 'policy-narrowed')
  t.equal(ask(yes, edited('energy.power: { round: 10 }', 'energy.power: keep')), undefined, 'wider now')
  t.equal(ask(yes, edited('  energy.power: { round: 10 }\n', '')), 'policy-narrowed')
  t.equal(ask(yes, edited('reports: [motion, partner]', 'reports: [partner]')), 'report-not-listed')
  t.equal(ask(yes, edited('region: us', 'region: us\nenabled: false')), 'recipient-off')
  t.equal(ask(yes, policy, 'nobody'), 'recipient-off')
  const remapped = configurationOf({ 'reports/motion.yaml': text => text.replace('model: device.model', 'model: device.name') }).policy
  t.equal(ask(yes, remapped), 'policy-narrowed', 'the field is of another category now')
})

t.test('reconsider: an erasure notice -> leaves whatever the account has become, as long as the policy names its recipient', async t => {
  const header: PrivateHeader = { erasure: true, policy: policy.digest, decidedMs: NOW, notBeforeMs: NOW }
  const ask = (recipient: string) => reconsider({ recipient, report: 'erasure', header }, undefined, policy, NOW, stillCovers)
  t.equal(ask('analytics'), undefined)
  t.equal(ask('ads'), undefined, 'switched off: it waits')
  t.equal(ask('nobody'), 'recipient-off')
})

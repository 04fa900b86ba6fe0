/** Alarms over time, and the audit log read from its end. */

import t from 'tap'
import { AlarmHistory, KEPT_MS, SLOT_MS } from '../../src/console/alarms/alarm-history.js'
import { buildApi } from '../../src/console/api.js'
import { openCore } from '../../src/core.js'
import type { GatewayEvent } from '../../src/model/events.js'

const START = Date.UTC(2026, 10, 27, 12)

t.test('history: events of every kind -> counted by kind, reason and recipient in slots; the rest is none', async t => {
  let now = START
  const history = new AlarmHistory(() => now)
  const events: GatewayEvent[] = [
    { type: 'withheld', recipient: 'analytics', reason: 'guard-alarm', count: 2 },
    { type: 'withheld', recipient: 'analytics', reason: 'consent-unset', count: 5 },
    { type: 'quarantined', report: 'motion', reason: 'not-json', bytes: 3 },
    { type: 'quarantined', report: 'motion', reason: 'not-json', bytes: 4 },
    { type: 'refused', reason: 'credentials' },
    { type: 'dead-lettered', recipient: 'analytics', reason: 'http-422', count: 3 },
    { type: 'delivery-trouble', recipient: 'analytics', code: 'sink-timeout' },
    { type: 'outbox-full', recipient: 'analytics' },
    { type: 'dropped' },
    { type: 'data-gone' },
    { type: 'certificate-refused', listener: 'mqtts 1', trouble: 'expired' },
    { type: 'retention-trouble', recipient: 'analytics' },
    { type: 'delivered', recipient: 'analytics', report: 'motion', count: 9 }
  ]
  for (const event of events) history.observe(event)
  now += SLOT_MS
  history.observe({ type: 'refused', reason: 'credentials' })
  t.strictSame(history.slots(), [
    {
      atMs: START,
      counts: [
        { kind: 'guard-alarm', recipient: 'analytics', count: 2 },
        { kind: 'quarantined', reason: 'not-json', count: 2 },
        { kind: 'refused', reason: 'credentials', count: 1 },
        { kind: 'dead-lettered', reason: 'http-422', recipient: 'analytics', count: 3 },
        { kind: 'delivery-trouble', reason: 'sink-timeout', recipient: 'analytics', count: 1 },
        { kind: 'outbox-full', recipient: 'analytics', count: 1 },
        { kind: 'dropped', count: 1 },
        { kind: 'data-gone', count: 1 },
        { kind: 'certificate-refused', reason: 'expired', count: 1 },
        { kind: 'retention-trouble', recipient: 'analytics', count: 1 }
      ]
    },
    { atMs: START + SLOT_MS, counts: [{ kind: 'refused', reason: 'credentials', count: 1 }] }
  ])
  now = START + SLOT_MS + KEPT_MS
  t.strictSame(history.slots().map(({ atMs }) => atMs), [START + SLOT_MS], 'a day is kept')
  now += SLOT_MS
  t.strictSame(history.slots(), [])
})

t.test('audit log: newest first, page by page, by account and time -> the oldest-first order, turned round', async t => {
  let now = START
  const core = await openCore({ config: 'config', data: t.testdir(), now: () => now }, 'command')
  const operator = 'o'.repeat(30)
  const api = buildApi({ core, operator })
  t.teardown(async () => {
    await api.close()
    await core.close()
  })
  const ask = async (query: string): Promise<{ id: string, at: number, account?: string }[]> =>
    (await api.inject({ method: 'GET', url: `/v1/audit?${query}`, headers: { authorization: `Bearer ${operator}` } })).json<{ entries: { id: string, at: number }[] }>().entries
  for (let made = 0; made < 30; made++) {
    now += 1000
    await core.ledger.record({ account: '', actor: 'gateway', audit: { action: made % 3 === 0 ? 'policy.take-force' : 'other.action', outcome: 'done' } })
  }
  await core.registry.accounts.add({ account: 'home-1', regime: 'opt-in' })
  for (let made = 0; made < 5; made++) await core.ledger.record({ account: 'home-1', actor: 'ops', audit: { action: 'account.show', outcome: 'done' } })
  for (const filter of ['', '&action=policy.take-force', '&account=home-1', `&since=${START + 5000}&until=${START + 20_000}`]) {
    const forward = (await ask(`limit=1000${filter}`)).filter(({ id }) => id !== undefined)
    const backward: { id: string }[] = []
    for (;;) {
      const page = await ask(`order=newest&limit=4${filter}${backward.length === 0 ? '' : `&after=${backward.at(-1)?.id}`}`)
      backward.push(...page)
      if (page.length < 4) break
    }
    const ids = forward.map(({ id }) => id)
    t.ok(ids.length >= 5, `${ids.length}${filter}`)
    // reading leaves entries of its own, at the new end
    t.strictSame(backward.map(({ id }) => id).toReversed().filter(id => ids.includes(id)), ids, filter)
    t.equal(new Set(backward.map(({ id }) => id)).size, backward.length, 'none twice')
  }
})

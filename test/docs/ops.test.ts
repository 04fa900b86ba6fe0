/** Dashboard, alert rules and runbook against the metrics that there are, and those against the words that their labels may hold. */

import t from 'tap'
import { execFileSync, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import mqtt from 'mqtt'
import type { Registry } from 'prom-client'
import { parse } from 'yaml'
import { createMetrics } from '../../src/console/metrics.js'
import { ERRORS } from '../../src/model/errors.js'
import { startGateway } from '../../src/start-gateway.js'

const PROMTOOL = spawnSync('promtool', ['--version']).error === undefined
const SKIP = PROMTOOL ? false : 'needs promtool (apt-get install prometheus)'
/** Of Prometheus itself, and of the target. */
const GIVEN = ['le', 'job', 'instance']
const RUNBOOK = readFileSync('docs/ops/runbook.md', 'utf8')

interface Rule {
  alert: string
  expr: string
  labels: { severity: string }
  annotations: { summary: string, description: string, runbook: string }
}

interface Panel {
  id: number
  type: string
  title: string
  gridPos: { x: number, y: number, w: number, h: number }
  targets?: { expr: string, legendFormat: string }[]
}

const { groups } = parse(readFileSync('docs/ops/alerts.yaml', 'utf8')) as { groups: { rules: Rule[] }[] }
const rules = groups.flatMap(({ rules }) => rules)
const dashboard = JSON.parse(readFileSync('docs/ops/grafana-dashboard.json', 'utf8')) as { panels: Panel[], templating: { list: { query: { query: string } | string }[] } }

function everything (): Registry {
  return createMetrics({ recipients: () => ['r'], depth: () => 0, bytes: () => 0, deadLetters: () => 0, isPaused: () => false, oldestMs: () => undefined, connections: () => 0, freeBytes: () => 0, lastBackupMs: () => undefined, isPolicyWaiting: () => false, isFolderRefused: () => false, policyDigest: () => 'g' }, () => 0).registry
}

/** Labels by name, also of the series that a histogram has. */
const known = new Map<string, string[]>([['up', []], ...everything().getMetricsAsArray().flatMap(metric => {
  const { name, labelNames, type } = metric as unknown as { name: string, labelNames: string[], type?: string }
  const isHistogram = 'upperBounds' in metric || type === 'histogram'
  return (isHistogram ? [`${name}_bucket`, `${name}_count`, `${name}_sum`] : [name]).map(series => [series, labelNames] as [string, string[]])
})])

/** What an expression asks for that there is not. */
function strange (expr: string): string[] {
  const names = expr.match(/\b(?:curtilage_[a-z_]+|up)\b/g) ?? []
  const there = new Set([...GIVEN, ...names.flatMap(name => known.get(name) ?? [])])
  const selectors = [...expr.matchAll(/([a-z_]+)\{([^}]*)\}/g)].flatMap(([, name = '', inside = '']) => [...inside.matchAll(/([a-z_]+)\s*[=!]~?/g)].map(([, label = '']) => ({ label, of: [...GIVEN, ...known.get(name) ?? []] })))
  const grouped = [...expr.matchAll(/\b(?:by|on) \(([^)]*)\)/g)].flatMap(([, labels = '']) => labels.split(', '))
  return [
    ...names.filter(name => !known.has(name)),
    ...selectors.filter(({ label, of }) => !of.includes(label)).map(({ label }) => label),
    ...grouped.filter(label => !there.has(label)),
    ...names.length === 0 ? ['no metric'] : []
  ]
}

t.test('what is held against the metrics: a name, a label, a grouping that there is not -> found', async t => {
  const table = ['rate(curtilage_report_total[5m])', 'curtilage_outbox_depth{report="x"}', 'sum by (account) (curtilage_outbox_depth)', '1 > 0']
  for (const expr of table) t.not(strange(expr).length, 0, expr)
  t.strictSame(strange('sum by (le) (rate(curtilage_report_seconds_bucket{outcome=~"disclosed", instance="x"}[5m]))'), [])
})

t.test('alerts: every rule -> asks for metrics and labels that there are, names them in its words, and has a heading in the runbook', async t => {
  t.ok(rules.length > 20)
  t.equal(new Set(rules.map(({ alert }) => alert)).size, rules.length)
  for (const { alert, expr, labels, annotations } of rules) {
    t.strictSame(strange(expr), [], alert)
    t.ok(['critical', 'warning', 'info'].includes(labels.severity), alert)
    t.match(RUNBOOK, `\n## ${alert}\n`)
    t.equal(annotations.runbook, `docs/ops/runbook.md#${alert.toLowerCase()}`)
    for (const [, label = ''] of `${annotations.summary}${annotations.description}`.matchAll(/\$labels\.([a-z_]+)/g)) t.ok((expr.match(/curtilage_[a-z_]+/g) ?? []).some(name => known.get(name)?.includes(label)), `${alert}: ${label}`)
  }
  const headings = [...RUNBOOK.matchAll(/^## (.*)$/gm)].map(([, heading]) => heading)
  t.strictSame(headings.filter(heading => !rules.some(({ alert }) => alert === heading)), [], 'no heading without a rule')
})

t.test('alerts: in the eyes of Prometheus -> well-formed, and they fire and keep silent as they should', { skip: SKIP }, async t => {
  t.match(execFileSync('promtool', ['check', 'rules', 'docs/ops/alerts.yaml'], { encoding: 'utf8' }), /SUCCESS/)
  t.match(execFileSync('promtool', ['test', 'rules', 'alerts.test.yaml'], { encoding: 'utf8', cwd: 'docs/ops' }), /SUCCESS/)
})

t.test('dashboard: every panel -> asks for what there is, under an id of its own, over no other', async t => {
  const { panels, templating } = dashboard
  t.ok(panels.length > 20)
  t.equal(new Set(panels.map(({ id }) => id)).size, panels.length)
  for (const { title, targets = [] } of panels) {
    for (const { expr, legendFormat } of targets) {
      t.strictSame(strange(expr.replaceAll('$__rate_interval', '5m')), [], title)
      for (const [, label = ''] of legendFormat.matchAll(/\{\{([a-z]+)\}\}/g)) t.ok((expr.match(/(?:curtilage_[a-z_]+|\bup\b)/g) ?? []).some(name => known.get(name)?.includes(label)), `${title}: ${label}`)
    }
  }
  for (const { query } of templating.list.slice(1)) t.strictSame(strange(typeof query === 'string' ? query : query.query), [])
  const overlaps = panels.flatMap((a, i) => panels.slice(i + 1).filter(b => overlap(a, b)).map(b => `${a.title} and ${b.title}`))
  t.strictSame(overlaps, [])
  t.strictSame(panels.filter(({ gridPos: { x, w } }) => x + w > 24), [])
})

t.test('dashboard and alerts: together -> every metric of the gateway is looked at', async t => {
  const asked = JSON.stringify([rules, dashboard])
  // shown on the way: room that the depth tells of already, counts that an operator looks up
  const elsewhere = ['curtilage_outbox_bytes', 'curtilage_dead_lettered_total', 'curtilage_dead_letters_gone_total', 'curtilage_taken_back_total', 'curtilage_days_removed_total', 'curtilage_policy_info']
  t.strictSame(everything().getMetricsAsArray().map(({ name }) => name).filter(name => !asked.includes(name) && !elsewhere.includes(name)), [])
})

t.test('metrics: what is alerted on -> is there with 0 before it first happens', async t => {
  const text = await everything().metrics()
  for (const series of ['curtilage_guard_alarms_total{recipient="r"} 0', 'curtilage_outbox_full_total{recipient="r"} 0', 'curtilage_retention_trouble_total{recipient="r"} 0', 'curtilage_report_seconds_count{outcome="transient"} 0', 'curtilage_dropped_total 0', 'curtilage_data_gone_seconds_total 0']) t.match(text, series)
})

t.test('metrics: under traffic of every kind, with a word in all that a stranger can choose -> no label holds anything but words of the configuration and of the program', async t => {
  const data = join(t.testdir(), 'data')
  const address = { host: '127.0.0.1', port: 0 }
  const running = await startGateway({ config: 'config', data, mqtt: address, http: address })
  t.teardown(async () => { await running.close() })
  const { core } = running.gateway
  const canary = 'canary-7c0f'
  await core.registry.accounts.add({ account: canary, regime: 'opt-out' }, { source: 'test', actor: 'ops' })
  const { password = '' } = await core.registry.devices.add({ account: canary, device: `${canary}-d` })
  const client = await mqtt.connectAsync(running.mqttUrl, { username: `${canary}-d`, password, clientId: canary, reconnectPeriod: 0 })
  client.on('error', () => {})
  const payloads = [['energy-realtime', JSON.stringify({ emeter: { get_realtime: { power: 63.7 } }, [canary]: canary, mac: '50:C7:BF:0D:91:8C' })], ['motion', `{"event":"${canary}"}`], ['motion', `{${canary}`], [canary, '{}']] as const
  for (const [report, payload] of payloads) await client.publishAsync(`kasa/${canary}/${canary}-d/${report}`, payload, { qos: 1 })
  await Promise.allSettled([canary, `recipient:${canary}`, `account:${canary}`].map(async username => await mqtt.connectAsync(running.mqttUrl, { username, password: canary, clientId: canary, reconnectPeriod: 0 })))
  client.publish(`kasa/${canary}/other/motion`, canary, { qos: 1 })
  await new Promise<void>(resolve => client.once('close', () => resolve()))

  const text = await (await fetch(`${running.httpUrl}/metrics`)).text()
  t.notMatch(text, /canary|7c0f|50:C7/i)
  const { policy, gateway } = core.configuration
  const reasons = readFileSync('src/model/reasons.ts', 'utf8') + readFileSync('src/model/events.ts', 'utf8')
  const words = new Set([policy.digest, ...policy.reports.keys(), ...policy.categories.keys(), ...policy.recipients.map(({ name }) => name), ...gateway.listeners.map(({ type }) => type), ...Object.keys(ERRORS), 'unknown', 'unclassified', ...[...reasons.matchAll(/'([a-z0-9-]+)'/g)].map(([, word = '']) => word)])
  const values = [...text.matchAll(/([a-z_]+)="([^"]*)"/g)].filter(([, label]) => label !== 'le')
  t.ok(values.length > 50)
  t.strictSame(values.filter(([, , value = '']) => !words.has(value)).map(([pair]) => pair), [])
})

function overlap ({ gridPos: a }: Panel, { gridPos: b }: Panel): boolean {
  return a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h
}

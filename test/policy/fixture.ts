/** A small configuration that loads, for tests to spoil. */

import { compileSources, type Configuration } from '../../src/policy/compile.js'
import { spellProblem } from '../../src/policy/problem.js'

export const GOOD: Readonly<Record<string, string>> = {
  'gateway.yaml': `# yaml-language-server: $schema=./schema/gateway.schema.json
data: data
listeners:
  - { type: mqtt, host: 127.0.0.1, port: 1883 }
  - { type: wss, host: 0.0.0.0, port: 8443, cert: server.pem, key: server.key }
http: { host: 127.0.0.1, port: 8080 }
limits:
  maxReportBytes: 256KiB
  authenticateTimeout: 5s
log: { level: info }
`,
  'notice.yaml': `notice: { version: "1.3", effective: 2020-11-25, title: Notice }
clauses:
  head: { about: versions }
  "1.1": { about: given }
  "1.2": { about: collected }
  "2": { about: purposes }
  "3": { about: recipients }
categories:
  network.mac: { type: text, sensitivity: critical, never: true, clause: "1.1" }
  network.ip: { type: text, sensitivity: critical, never: true, clause: "1.1" }
  device.id: { type: text, sensitivity: high, clause: "1.2" }
  device.model: { type: text, sensitivity: low, clause: "1.2" }
  device.name: { type: text, sensitivity: high, freeText: true, clause: "1.2" }
  sensor.motion: { type: [text, boolean], sensitivity: high, clause: "1.2" }
  sensor.climate: { type: number, sensitivity: medium, clause: "1.2" }
  energy.power: { type: number, unit: W, sensitivity: medium, clause: "1.2" }
  time.event: { type: time, sensitivity: medium, clause: "1.2" }
  location.geo: { type: coordinate, sensitivity: critical, clause: "1.1" }
purposes:
  provide-service: { required: true, clause: "2" }
  improve-products: { signal: honored, clause: "2" }
  marketing: { signal: honored, notice: ">=1.3", clause: "2" }
recipientKinds:
  service-provider: { access: open, clause: "3" }
  integration: { access: recipient-consent, clause: "3" }
  marketing: { access: aggregate, clause: "3" }
previous:
  - { version: "1.2", effective: 2019-01-01 }
`,
  'consent.yaml': `defaultRegion: us
transfers: { eu: [eu], us: [us, eu] }
regimes:
  opt-in: { otherwise: deny }
  opt-out: { otherwise: allow, purposes: { marketing: deny }, denyKinds: [marketing, integration] }
  notice: { otherwise: deny, purposes: { improve-products: allow }, denyKinds: [integration] }
minors: required-purposes-only
signals: [gpc, dnt]
expiry: { grants: never }
`,
  'reports/motion.yaml': `report: motion
topic: kasa/{account}/{device}/motion
fields:
  event: sensor.motion
  timestamp: { category: time.event, format: epoch-seconds }
  device_id: device.id
  nickname: { category: device.name, encoding: base64 }
  latitude_i: { category: location.geo, axis: latitude, scale: 0.0001, unset: -1879048193 }
  longitude_i: { category: location.geo, axis: longitude, scale: 0.0001, unset: -1879048193 }
  ap_list[].bssid: network.mac
  children.{device.id}.alias: device.name
  extra.*.temp: sensor.climate
`,
  'reports/energy.yaml': `report: energy
topic: kasa/{account}/{device}/energy
origin: partner
about: two generations
fields:
  power: energy.power
  power_mw: { category: energy.power, scale: 0.001 }
  model: device.model
`,
  'recipients/analytics.yaml': `recipient: analytics
kind: service-provider
purpose: improve-products
region: us
reports: [motion, energy]
allow:
  device.model: keep
  device.id: { pseudonymize: { epoch: 30d } }
  sensor.motion: keep
  sensor.climate: { bucket: [0, 10, 20] }
  time.event: { round: 15m }
  location.geo: { grid: 10km }
  energy.*: { round: 10 }
release: 15m
excludeOrigins: [integration]
sink: { type: file, folder: analytics }
`,
  'recipients/home.yaml': `recipient: home
kind: integration
purpose: provide-service
region: eu
reports: [motion]
allow:
  device.name: { map: { lamp: light, bulb: light } }
  sensor.*: keep
  time.event: { part: hour }
sink: { type: mqtt }
`,
  'tests/cases.yaml': `cases:
  - name: a home that granted analytics
    account:
      regime: opt-in
      region: us
      consents:
        - { purpose: improve-products, state: granted, expires: 2030-01-01T00:00:00Z }
    report: motion
    at: 2026-01-05T10:20:30Z
    payload: { event: motion }
    expect:
      analytics: { disclosed: { data: { event: motion }, device: "{pseudonym}" } }
      home: { withheld: consent-unset }
`
}

export type Edit = readonly [file: string, from: string | RegExp, to: string]

/** The good configuration with pieces of text replaced; an edit that finds nothing to replace is a mistake of the test. */
export function edited (...edits: readonly Edit[]): Map<string, string> {
  const sources = new Map(Object.entries(GOOD))
  for (const [file, from, to] of edits) {
    const text = sources.get(file) ?? ''
    const changed = from === '' ? to : text.replace(from, to)
    if (changed === text) throw new TypeError(`the edit of ${file} changes nothing: ${from}`)
    sources.set(file, changed)
  }
  return sources
}

export function compiled (...edits: readonly Edit[]): Configuration {
  const result = compileSources(edited(...edits))
  if ('problems' in result) throw new TypeError(result.problems.map(problem => spellProblem(problem)).join('\n'))
  return result
}

export function problemsOf (sources: ReadonlyMap<string, string>): string[] {
  const result = compileSources(sources)
  return 'problems' in result ? result.problems.map(problem => spellProblem(problem, '')) : []
}

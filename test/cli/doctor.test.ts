/** What `curtilage doctor` finds, each thing put there first. Those with certificates need openssl; skipped by name without. */

import t, { type Test } from 'tap'
import { appendFileSync, chmodSync, copyFileSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { once } from 'node:events'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { LEAST_NODE } from '../../src/cli/doctor/node-check.js'
import { examine } from '../../src/cli/doctor/examine.js'
import type { Finding } from '../../src/cli/doctor/finding.js'
import { revocationEndsMs } from '../../src/cli/doctor/revocation-list.js'
import { openCore } from '../../src/core.js'
import { openStore } from '../../src/store/store.js'
import { Authority, WITHOUT_OPENSSL } from '../broker/door-world.js'
import { cli, copyOfConfig, edit, json, startCli } from './run-cli.js'

interface Told {
  ok: boolean
  problems: number
  warnings: number
  findings: Finding[]
}

const LOOPBACK = { host: '127.0.0.1' }
const MQTT = '{ type: mqtt, host: 127.0.0.1, port: 0 }'

/** Problems and warnings, as `check: text`. */
function troubles (findings: readonly Finding[], level: Finding['level'] = 'problem'): string[] {
  return findings.filter(one => one.level === level).map(({ check, text }) => `${check}: ${text}`)
}

/** A configuration and a data folder that a gateway has had before; ports that nobody has. */
async function world (t: Test, nowMs = Date.now()): Promise<{ config: string, data: string, deep: boolean }> {
  const config = copyOfConfig(t)
  edit(join(config, 'gateway.yaml'), /port: \d+/g, 'port: 0')
  const data = join(config, '../data')
  const core = await openCore({ config, data, now: () => nowMs }, 'gateway')
  await core.registry.accounts.add({ account: 'home-1', regime: 'opt-in' }, { source: 'test', actor: 'ops' })
  await core.close()
  return { config, data, deep: false }
}

async function takenPort (t: Test): Promise<number> {
  const server = createServer().listen({ ...LOOPBACK, port: 0 })
  await once(server, 'listening')
  t.teardown(() => { server.close() })
  return (server.address() as AddressInfo).port
}

/** Of a server that has ended, so that it is free for a while. */
async function freePort (): Promise<number> {
  const server = createServer().listen({ ...LOOPBACK, port: 0 })
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

t.test('doctor: nothing there yet -> no problems, exit 0, and nothing is made', async t => {
  const config = copyOfConfig(t)
  edit(join(config, 'gateway.yaml'), /port: \d+/g, 'port: 0')
  const data = join(config, '../data')
  const ran = await cli(['doctor', '--config', config, '--data', data])
  t.match(ran, { code: 0, out: /^ok +node +Node \d/, err: /^0 problems, \d warnings\n$/ })
  t.notOk(existsSync(data))
})

t.test('doctor: a gateway that runs on the configured ports -> they are its own, it answers, the deep look fits', async t => {
  const config = copyOfConfig(t)
  const [mqtt, http] = [await freePort(), await freePort()]
  const settings = join(config, 'gateway.yaml')
  writeFileSync(settings, `listeners:\n  - { type: mqtt, host: 127.0.0.1, port: ${mqtt} }\nhttp: { host: 127.0.0.1, port: ${http} }\n`)
  const K = ['--config', config, '--data', join(config, '../data')]
  const gateway = await startCli(t, [...K, '--mqtt', `127.0.0.1:${mqtt}`, '--http', `127.0.0.1:${http}`])
  const ran = await cli(['doctor', '--deep', '--json', ...K])
  const told = json<Told>(ran)
  t.equal(ran.code, 0)
  t.strictSame(troubles(told.findings), [])
  const texts = told.findings.map(({ text }) => text).join('\n')
  t.match(texts, `the gateway (process ${gateway.child.pid}) answers at http://127.0.0.1:${http} and takes reports`)
  t.match(texts, `mqtt 127.0.0.1:${mqtt} is held by the gateway (process ${gateway.child.pid})`)
  t.match(texts, 'the policy of the folder is the one in force')
  t.match(texts, /the ledger fits its chain: \d+ entries/)

  edit(settings, `port: ${mqtt}`, 'port: 0')
  edit(settings, `port: ${http}`, `port: ${await freePort()}`)
  t.match(troubles(json<Told>(await cli(['doctor', '--json', ...K])).findings, 'warning').join('\n'), /http 127\.0\.0\.1:\d+ is free, though a gateway runs/)
})

t.test('doctor: each trouble, put there -> found with what to do, and the rest is looked at all the same', async t => {
  const table: readonly (readonly [string, RegExp, (w: { config: string, data: string }, t: Test) => unknown])[] = [
    ['a configuration with problems', /^configuration: .*has a problem/, ({ config }) => appendFileSync(join(config, 'gateway.yaml'), 'limit: 1\n')],
    ['a secret that others can read', /^data: .*secret can be used by others \(mode 644\): the gateway does not start/, ({ data }) => chmodSync(join(data, 'secret'), 0o644)],
    ['a port of another program', /^listeners: mqtt 127\.0\.0\.1:\d+ is in use by another program/, async ({ config }, t) => edit(join(config, 'gateway.yaml'), MQTT, `{ type: mqtt, host: 127.0.0.1, port: ${await takenPort(t)} }`)],
    ['an address of another machine', /^listeners: mqtt 192\.0\.2\.1:1883 cannot be listened on \(EADDRNOTAVAIL\)/, ({ config }) => edit(join(config, 'gateway.yaml'), MQTT, '{ type: mqtt, host: 192.0.2.1, port: 1883, plaintext: i-accept-that-reports-cross-the-network-unencrypted }')],
    ['a server of a sink that is not there', /^sinks: the server of product-analytics does not accept a connection \(ECONNREFUSED\)/, async ({ config }) => edit(join(config, 'recipients/product-analytics.yaml'), /^sink: .*$/m, `sink: { type: redis, url: "redis://127.0.0.1:${await freePort()}", stream: s }`)],
    ['a credential that others can read', /^credentials: .*a credential of product-analytics, can be read by others/, async ({ config }) => {
      writeFileSync(join(config, '../token'), 'a-token-of-the-test', { mode: 0o644 })
      edit(join(config, 'recipients/product-analytics.yaml'), /^sink: .*$/m, `sink: { type: http, url: "http://127.0.0.1:${await freePort()}/", tokenFile: ${join(config, '../token')} }`)
    }],
    ['a credential that is not there', /^credentials: .*is not there/, async ({ config }) => edit(join(config, 'recipients/product-analytics.yaml'), /^sink: .*$/m, `sink: { type: http, url: "http://127.0.0.1:${await freePort()}/", tokenFile: /nowhere/token }`)],
    ['a store that is none', /^store: .*damaged or something else/, ({ data }) => writeFileSync(join(data, 'store/data.mdb'), 'x'.repeat(9000))],
    ['a data folder that is a file', /^data: .* is no folder/, ({ data }) => { cpSync(data, `${data}-2`, { recursive: true }); writeFileSync(`${data}-file`, '') }]
  ]
  for (const [name, expected, put] of table) {
    await t.test(name, async t => {
      const asked = await world(t)
      await put(asked, t)
      const findings = await examine(name.endsWith('a file') ? { ...asked, data: `${asked.data}-file` } : asked)
      const [trouble, ...more] = troubles(findings).filter(text => expected.test(text))
      t.ok(trouble, troubles(findings).join('\n'))
      t.strictSame(more, [])
      t.ok(findings.find(({ text }) => trouble?.endsWith(text))?.remedy)
      t.ok(findings.some(({ check, level }) => check === 'disk' && level === 'ok'), 'the rest')
      t.notMatch(JSON.stringify(findings), 'a-token-of-the-test')
    })
  }
})

t.test('doctor: a ledger of tomorrow -> the clock; a changed one -> found by --deep alone; the same policy, narrower, wider -> in force or waits', async t => {
  const asked = await world(t, Date.now() + 86_400_000)
  t.match(troubles(await examine(asked)), [/^clock: the clock is behind the ledger's last entry/])
  const store = openStore(asked.data)
  await store.transaction(() => { store.database('consent.views').removeSync('home-1') })
  await store.close()
  t.notMatch(troubles(await examine(asked)).join(), 'ledger-broken')
  t.match(troubles(await examine({ ...asked, deep: true })).join(), 'ledger-broken')
  const recipient = join(asked.config, 'recipients/product-analytics.yaml')
  const before = readFileSync(recipient)
  edit(recipient, /^ {2}energy\.power: .*\n/m, '')
  t.match(troubles(await examine(asked), 'warning').join(), 'is narrower and has not been taken up')
  writeFileSync(recipient, before)
  edit(recipient, /^ {2}energy\.power: .*\n/m, '  energy.power: keep\n')
  t.match(troubles(await examine(asked), 'warning').join(), /is (wider|different) and waits/)
})

t.test('doctor: modes, links, listeners off loopback, a store of before -> warnings', async t => {
  const asked = await world(t)
  chmodSync(join(asked.data, 'ops.token'), 0o640)
  chmodSync(join(asked.config, 'recipients'), 0o777)
  writeFileSync(join(asked.data, 'elsewhere'), '')
  symlinkSync('elsewhere', join(asked.data, 'replay.ndjson'))
  mkdirSync(join(asked.data, 'store.format-1.20261101T000000Z'))
  edit(join(asked.config, 'gateway.yaml'), MQTT, `${MQTT}\n  - { type: ws, host: 0.0.0.0, port: 0, plaintext: i-accept-that-reports-cross-the-network-unencrypted }`)
  const findings = await examine(asked)
  t.strictSame(troubles(findings), [])
  const warned = troubles(findings, 'warning').join('\n')
  for (const expected of ['ops.token can be used by others (mode 640)', 'recipients can be written by others', 'replay.ndjson is a symbolic link', 'store.format-1.20261101T000000Z', 'the ws listener on 0.0.0.0:0 is off loopback']) t.match(warned, expected)
})

t.test('doctor: certificates -> days left; run out, another\'s key, a chain out of order, an open key, a revocation list of before', { skip: WITHOUT_OPENSSL }, async t => {
  const asked = await world(t)
  const authority = new Authority(join(asked.config, '..'), 'tls')
  const [good, gone, other, odd] = [authority.issue('good', '/CN=good', 'IP:127.0.0.1', 90), authority.issue('gone', '/CN=gone', 'IP:127.0.0.1', 0), authority.issue('other', '/CN=other', 'IP:127.0.0.1'), authority.issue('odd', '/CN=odd', 'IP:127.0.0.1')]
  const listeners = (cert: string, key: string, more = ''): void => writeFileSync(join(asked.config, 'gateway.yaml'), `listeners:\n  - { type: mqtts, host: 127.0.0.1, port: 0, cert: ${cert}, key: ${key}${more} }\nhttp: { host: 127.0.0.1, port: 0 }\n`)
  const told = async (): Promise<string> => (await examine(asked)).filter(({ check }) => check === 'certificates').map(({ level, text }) => `${level}: ${text}`).join('\n')
  chmodSync(good.keyFile, 0o600)
  listeners(good.certFile, good.keyFile)
  t.match(await told(), /^ok: mqtts 127\.0\.0\.1:0: certificate 1 of 1 is valid for 8\d days$/)
  chmodSync(good.keyFile, 0o644)
  t.match(await told(), /warning: .*its key .* can be used by others \(mode 644\)/)
  listeners(gone.certFile, gone.keyFile)
  t.match(await told(), /problem: .*certificate 1 of 1 has run out|warning: .*runs out in 0 days/)
  listeners(good.certFile, other.keyFile)
  t.match(await told(), /problem: .*its certificate files are mismatch/)
  copyFileSync(good.certFile, `${good.certFile}.chain`)
  appendFileSync(`${good.certFile}.chain`, readFileSync(odd.certFile))
  listeners(`${good.certFile}.chain`, good.keyFile)
  t.match(await told(), /problem: .*certificate 1 is not signed by the one after it/)
  listeners('/nowhere/cert.pem', '/nowhere/key.pem')
  t.match(await told(), /problem: .*unreadable \(ENOENT\)/)

  const endsMs = revocationEndsMs(readFileSync(authority.crlFile, 'utf8')) ?? 0
  t.ok(endsMs > Date.now() && endsMs < Date.now() + 400 * 86_400_000, 'as openssl made it')
  t.equal(revocationEndsMs('-----BEGIN X509 CRL-----\nMIIB\n-----END X509 CRL-----'), undefined)
  t.equal(revocationEndsMs(''), undefined)
})

t.test('doctor: any of it -> changes nothing in the data folder, and tells no secret', async t => {
  const asked = await world(t)
  const state = (): string[] => readdirSync(asked.data, { recursive: true, encoding: 'utf8' }).filter(name => !name.endsWith('lock.mdb')).sort().map(name => {
    const path = join(asked.data, name)
    const { mtimeMs, mode, size } = statSync(path)
    return `${name} ${mtimeMs} ${mode} ${size}`
  })
  const before = state()
  const findings = JSON.stringify(await examine({ ...asked, deep: true }))
  t.strictSame(state(), before)
  const secret = readFileSync(join(asked.data, 'secret'))
  for (const told of [readFileSync(join(asked.data, 'ops.token'), 'utf8').trim(), secret.toString('base64'), secret.toString('hex')]) t.notMatch(findings, told)
})

t.test('doctor: the oldest Node that it takes -> the one of package.json', async t => {
  const { engines } = JSON.parse(readFileSync('package.json', 'utf8')) as { engines: { node: string } }
  t.equal(engines.node, `>=${LEAST_NODE}`)
})

/** Every kind of listener, with a real client through it. Needs openssl for a certificate of its own; skipped by name without. */

import t, { type Test } from 'tap'
import { execFileSync, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { connect as connectTls } from 'node:tls'
import { Aedes } from 'aedes'
import mqtt from 'mqtt'
import { listen } from '../../src/broker/listeners.js'
import type { ListenerSettings } from '../../src/policy/gateway-settings.js'

const LIMITS = { maxConnections: 10, maxPacketBytes: 1 << 20 }
const ADDRESS = { host: '127.0.0.1', port: 0, plaintext: false, origins: [] }

async function opened (t: Test, settings: ListenerSettings): Promise<string> {
  const broker = await Aedes.createBroker()
  const listener = await listen(broker, settings, LIMITS)
  t.teardown(async () => {
    listener.close()
    await new Promise<void>(resolve => broker.close(() => resolve()))
  })
  return listener.url
}

const WITHOUT_OPENSSL = spawnSync('openssl', ['version']).status === 0 ? false : 'openssl is not installed: apt-get install openssl'

/** A self-signed certificate. */
function certificate (folder: string): { certFile: string, keyFile: string } {
  const [certFile, keyFile] = [join(folder, 'cert.pem'), join(folder, 'key.pem')]
  execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2', '-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', keyFile, '-out', certFile], { stdio: 'ignore' })
  return { certFile, keyFile }
}

async function speaks (url: string, ca?: Buffer): Promise<boolean> {
  const client = await mqtt.connectAsync(url, { reconnectPeriod: 0, ...(ca !== undefined && { ca }) })
  const got = new Promise<boolean>(resolve => client.once('message', () => resolve(true)))
  await client.subscribeAsync('topic')
  await client.publishAsync('topic', 'x', { qos: 1 })
  const answer = await got
  await client.endAsync()
  return answer
}

t.test('listeners: mqtt and ws -> a client gets through', async t => {
  for (const type of ['mqtt', 'ws'] as const) {
    const url = await opened(t, { type, ...ADDRESS })
    t.match(url, new RegExp(`^${type}://127\\.0\\.0\\.1:\\d+$`))
    t.ok(await speaks(url), type)
  }
})

t.test('listeners: mqtts and wss -> a client gets through, TLS 1.1 does not', { skip: WITHOUT_OPENSSL }, async t => {
  const files = certificate(t.testdir())
  for (const type of ['mqtts', 'wss'] as const) {
    const url = await opened(t, { type, ...ADDRESS, ...files })
    t.ok(await speaks(url, readFileSync(files.certFile)), type)
    const old = connectTls({ host: '127.0.0.1', port: Number(new URL(url).port), maxVersion: 'TLSv1.1', minVersion: 'TLSv1', rejectUnauthorized: false, ciphers: 'DEFAULT@SECLEVEL=0' })
    const refused = await new Promise<boolean>(resolve => {
      old.once('secureConnect', () => resolve(false))
      old.once('error', () => resolve(true))
    })
    old.destroy()
    t.ok(refused, `${type} below TLS 1.2`)
  }
})

t.test('listeners: an address in use, a certificate that is none -> a clear error', async t => {
  const url = await opened(t, { type: 'mqtt', ...ADDRESS })
  const broker = await Aedes.createBroker()
  t.teardown(() => broker.close())
  const port = Number(new URL(url).port)
  for (const type of ['mqtt', 'ws'] as const) await t.rejects(listen(broker, { ...ADDRESS, type, port }, LIMITS), { code: 'listener-failed', message: /EADDRINUSE/ })
  const folder = t.testdir({ 'cert.pem': 'no certificate', 'key.pem': 'no key' })
  await t.rejects(listen(broker, { type: 'mqtts', ...ADDRESS, certFile: join(folder, 'cert.pem'), keyFile: join(folder, 'key.pem') }, LIMITS), { code: 'listener-failed' })
  await t.rejects(listen(broker, { type: 'mqtts', ...ADDRESS, certFile: join(folder, 'none.pem'), keyFile: join(folder, 'key.pem') }, LIMITS), { code: 'listener-failed', message: /ENOENT/ })
})

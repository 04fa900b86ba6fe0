/** A gateway as a process of its own, with TLS. Needs openssl; skipped by name without. */

import t from 'tap'
import dns from 'node:dns'
import { copyFileSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import mqtt from 'mqtt'
import { Authority, until, WITHOUT_OPENSSL } from '../broker/door-world.js'
import { startGateway } from '../../src/start-gateway.js'
import { cli, copyOfConfig, edit, startCli } from './run-cli.js'

t.test('doors: a device without a password, a certificate of its own, SIGHUP after a renewal -> connects; nothing of it in the log', { skip: WITHOUT_OPENSSL }, async t => {
  const config = copyOfConfig(t)
  const authority = new Authority(join(config, '..'), 'tls')
  const [server, next, shown] = [authority.issue('server', '/CN=server', 'IP:127.0.0.1'), authority.issue('next', '/CN=next', 'IP:127.0.0.1'), authority.issue('device', '/CN=plug-1')]
  edit(join(config, 'gateway.yaml'), /listeners:\n/, `listeners:\n  - { type: mqtts, host: 127.0.0.1, port: 0, cert: ${server.certFile}, key: ${server.keyFile}, clientCa: ${authority.caFile}, crl: ${authority.crlFile} }\n`)
  const K = ['--config', config, '--data', join(config, '../data')]
  const gateway = await startCli(t, K, { human: true })
  await until(() => /ops token/.test(gateway.out()))
  t.equal((await cli(['account', 'add', 'home-1', '--regime', 'opt-in', ...K])).code, 0)
  const added = await cli(['device', 'add', '--account', 'home-1', '--device', 'plug-1', '--certificate-only', ...K])
  t.equal(added.code, 0)
  t.equal(added.out, 'device plug-1 of account home-1 added\n')

  const [, url = ''] = /(mqtts:\/\/\S+)/.exec(gateway.out()) ?? []
  const options = { reconnectPeriod: 0, ca: readFileSync(authority.caFile) }
  const device = await mqtt.connectAsync(url, { ...options, cert: readFileSync(shown.certFile), key: readFileSync(shown.keyFile) })
  t.teardown(() => { device.end(true) })
  await device.publishAsync('kasa/home-1/plug-1/energy-realtime', '{}', { qos: 1 })
  await t.rejects(mqtt.connectAsync(url, { ...options, username: 'plug-1', password: 'none' }))

  copyFileSync(next.certFile, server.certFile)
  gateway.child.kill('SIGHUP')
  await until(() => /"listener":"mqtts","reason":"mismatch"/.test(gateway.err()))
  copyFileSync(next.keyFile, server.keyFile)
  gateway.child.kill('SIGHUP')
  await until(() => /certificate in use/.test(gateway.err()))
  t.ok(device.connected)
  const [, http = ''] = /(http:\/\/\S+)/.exec(gateway.out()) ?? []
  const metrics = await (await fetch(`${http}/metrics`)).text()
  t.match(metrics, /curtilage_certificates_refused_total\{listener="mqtts",reason="mismatch"\} 1/)
  t.match(metrics, /curtilage_certificate_expires_seconds\{listener="mqtts"\} 1[0-9]{9}/)
  t.match(metrics, /curtilage_refused_total\{reason="handshake"\} 1/)
  t.match(metrics, /curtilage_connections 1\n/)
  t.notMatch(gateway.err() + metrics, /127\.0\.0|plug-1|home-1|\.pem/)
  t.equal(await gateway.stop(), 0)
})

t.test('doors: an API on a name that stands for more than this machine -> refused by the address that was bound', async t => {
  const { lookup } = dns
  t.teardown(() => { dns.lookup = lookup })
  dns.lookup = ((name: string, ...rest: unknown[]) => {
    const done = rest.pop() as (...answer: unknown[]) => void
    const address = { address: name === 'localhost' ? '0.0.0.0' : name, family: 4 }
    if ((rest[0] as { all?: boolean } | undefined)?.all === true) done(null, [address])
    else done(null, address.address, address.family)
  }) as typeof lookup
  const http = { host: 'localhost', port: 0 }
  await t.rejects(startGateway({ config: 'config', data: t.testdir(), mqtt: { host: '127.0.0.1', port: 0 }, http }), { code: 'listener-failed', message: /API on localhost.* without encryption/ })
  dns.lookup = lookup
  const gateway = await startGateway({ config: 'config', data: t.testdir(), mqtt: { host: '127.0.0.1', port: 0 }, http })
  await gateway.close()
  t.match(gateway.httpUrl, /^http:/)
})

t.test('doors: --mqtt or --http off loopback -> refused, unless the configuration has said so in words', async t => {
  const config = copyOfConfig(t)
  const [data, local] = [join(config, '../data'), { host: '127.0.0.1', port: 0 }]
  for (const host of ['0.0.0.0', '::', '::ffff:0.0.0.0', '::ffff:127.0.0.1', '127.1', 'localhost.example.com', '10.0.0.1']) {
    await t.rejects(startGateway({ config, data, mqtt: { host, port: 0 }, http: local }), { code: 'listener-failed' }, host)
    await t.rejects(startGateway({ config, data, mqtt: local, http: { host, port: 0 } }), { code: 'listener-failed' }, host)
  }
  edit(join(config, 'gateway.yaml'), 'type: mqtt, host: 127.0.0.1', 'type: mqtt, plaintext: i-accept-that-reports-cross-the-network-unencrypted, host: 127.0.0.1')
  const open = await startGateway({ config, data, mqtt: { host: '0.0.0.0', port: 0 }, http: local })
  t.match(open.mqttUrl, /^mqtt:\/\/0\.0\.0\.0:\d+$/)
  await open.close()
})

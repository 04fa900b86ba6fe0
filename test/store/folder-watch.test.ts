/** A data folder that is taken away from a running gateway. */

import t, { type Test } from 'tap'
import { cpSync, existsSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import mqtt from 'mqtt'
import { startGateway } from '../../src/start-gateway.js'
import { FolderWatch } from '../../src/store/folder-watch.js'

const PASSWORD = 'a-password-of-the-test-home'
const REPORT = JSON.stringify({ emeter: { get_realtime: { power: 63.7 } } })
const TOPIC = 'kasa/home-1/plug-1/energy-realtime'

async function world (t: Test) {
  const data = join(t.testdir(), 'data')
  const address = { host: '127.0.0.1', port: 0 }
  const { gateway, mqttUrl, httpUrl, close } = await startGateway({ config: 'config', data, mqtt: address, http: address })
  t.teardown(async () => { await close().catch(() => {}) })
  const { core } = gateway
  await core.registry.accounts.add({ account: 'home-1', regime: 'opt-in' })
  await core.registry.devices.add({ account: 'home-1', device: 'plug-1', password: PASSWORD })
  await core.ledger.append([{ account: 'home-1', purpose: 'improve-products', state: 'granted' }])
  const { token } = await core.registry.tokens.create('ops')
  const events: string[] = []
  gateway.observe(({ type }) => events.push(type))
  /** True where the report was acknowledged. */
  const publish = async (payload: string): Promise<boolean> => {
    const client = await mqtt.connectAsync(mqttUrl, { username: 'plug-1', password: PASSWORD, reconnectPeriod: 0 })
    const closed = new Promise<boolean>(resolve => client.once('close', () => resolve(false)))
    const acknowledged = client.publishAsync(TOPIC, payload, { qos: 1 }).then(() => true, () => false)
    const answer = await Promise.race([acknowledged, closed])
    client.end(true)
    return answer
  }
  const ask = async (method: string, path: string, body?: object) => {
    const response = await fetch(`${httpUrl}${path}`, { method, headers: { authorization: `Bearer ${token}`, ...(body !== undefined && { 'content-type': 'application/json' }) }, ...(body !== undefined && { body: JSON.stringify(body) }) })
    return { status: response.status, json: await response.json() as Record<string, unknown> }
  }
  return { data, gateway, publish, ask, events }
}

t.test('INVARIANT: what is acknowledged was written into the files that the data folder holds', async t => {
  const ways: [string, RegExp, (data: string) => () => void][] = [
    ['moved away', /the store was deleted or replaced/, data => {
      renameSync(data, `${data}.away`)
      return () => renameSync(`${data}.away`, data)
    }],
    ['replaced by a copy', /the store was deleted or replaced/, data => {
      renameSync(data, `${data}.away`)
      cpSync(`${data}.away`, data, { recursive: true })
      return () => { rmSync(data, { recursive: true }); renameSync(`${data}.away`, data) }
    }],
    ['its lock removed', /the lock of the data folder was deleted or replaced/, data => {
      const claim = readdirSync(data).find(name => name.startsWith('claim.')) ?? ''
      renameSync(join(data, claim), `${data}.claim`)
      return () => renameSync(`${data}.claim`, join(data, claim))
    }],
    ['its journal replaced by a copy', /the journal of the outbox was deleted or replaced/, data => {
      const journal = join(data, 'outbox/journal-0')
      renameSync(journal, `${data}.journal`)
      cpSync(`${data}.journal`, journal)
      return () => renameSync(`${data}.journal`, journal)
    }]
  ]
  for (const [name, reason, take] of ways) {
    const { data, publish, ask, events, gateway } = await world(t)
    t.equal(await publish(REPORT), true)
    t.match(await ask('GET', '/health/ready'), { status: 200, json: { ready: true } })
    while (gateway.outbox.depth('product-analytics') > 0) await new Promise(resolve => setTimeout(resolve, 10))
    const giveBack = take(data)
    t.equal(await publish(REPORT), false, `${name}: a report is not acknowledged`)
    t.equal(await publish('not json'), false, `${name}: nor one for quarantine`)
    t.match(await ask('GET', '/health/ready'), { status: 503, json: { ready: false, checks: { data: false }, reason } })
    t.match(await ask('POST', '/v1/accounts/home-1/consents', { purpose: 'improve-products', state: 'withdrawn' }), { status: 503, json: { code: 'data-gone' } }, `${name}: nor a withdrawal`)
    while (!events.includes('data-gone')) await new Promise(resolve => setTimeout(resolve, 20))
    giveBack()
    t.match(await ask('GET', '/health/ready'), { status: 200 })
    t.equal(await publish(REPORT), true, `${name}: put back, it goes on`)
    t.ok(existsSync(join(data, 'gateway.lock')))
  }
})

t.test('watch: a file made anew under the same name -> told; the same one back -> fine; asked once a turn', async t => {
  const folder = t.testdir({ a: 'x' })
  const watch = new FolderWatch()
  watch.add(join(folder, 'a'), 'the file')
  t.equal(watch.trouble(), undefined)
  watch.demandInPlace()
  cpSync(join(folder, 'a'), join(folder, 'b'))
  renameSync(join(folder, 'a'), join(folder, 'c'))
  watch.demandInPlace()
  await new Promise(resolve => setImmediate(resolve))
  await new Promise(resolve => setImmediate(resolve))
  t.throws(() => watch.demandInPlace(), { name: 'CurtilageError', code: 'data-gone', message: /^the file was deleted or replaced/ })
  renameSync(join(folder, 'b'), join(folder, 'a'))
  t.match(watch.trouble(), /replaced/)
  renameSync(join(folder, 'c'), join(folder, 'a'))
  t.equal(watch.trouble(), undefined)
})

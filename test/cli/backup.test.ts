/** Backups beside a gateway that goes on, and data folders made of them. */

import t, { type Test } from 'tap'
import { appendFileSync, chmodSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import mqtt, { type MqttClient } from 'mqtt'
import { makeBackup } from '../../src/cli/backup/make-backup.js'
import { restoreBackup, type RestoreRequest } from '../../src/cli/backup/restore-backup.js'
import { openCore } from '../../src/core.js'
import { seal, type SealedManifest } from '../../src/store/backup-manifest.js'
import { openStore } from '../../src/store/store.js'
import { disclosed, until } from '../e2e/process.js'
import { cli, CONFIG, json, startCli } from './run-cli.js'

const PASSWORD = 'a-password-of-the-test-home'
const REPORT = JSON.stringify({ emeter: { get_realtime: { power: 63.7, voltage: 229, total: 12.9 } }, mac: '50:C7:BF:0D:91:8C' })

function options (data: string): string[] {
  return ['--config', CONFIG, '--data', data]
}

async function home (K: readonly string[], account: string, device: string): Promise<void> {
  for (const args of [['account', 'add', account, '--regime', 'opt-out'], ['device', 'add', '--account', account, '--device', device, '--password', PASSWORD]]) {
    const { code, err } = await cli([...args, ...K])
    if (code !== 0) throw new Error(err)
  }
}

async function connect (t: Test, url: string, device: string): Promise<MqttClient> {
  const client = await mqtt.connectAsync(url, { username: device, password: PASSWORD, reconnectPeriod: 0 })
  client.on('error', () => {})
  t.teardown(() => { client.end(true) })
  return client
}

async function waiting (K: readonly string[]): Promise<number> {
  const { recipients } = json<{ recipients: { recipient: string, waiting: number }[] }>(await cli(['outbox', 'status', '--json', ...K]))
  return recipients.find(({ recipient }) => recipient === 'product-analytics')?.waiting ?? 0
}

t.test('backup: beside a gateway under load, restored elsewhere -> whole; nothing acknowledged before it is lost, and an account erased after it stays erased', async t => {
  const root = t.testdir()
  const [data, backup, elsewhere, forgetful] = [join(root, 'data'), join(root, 'backup'), join(root, 'elsewhere'), join(root, 'forgetful')]
  const K = options(data)
  await home(K, 'home-1', 'plug-1')
  await home(K, 'home-2', 'plug-2')
  const gateway = await startCli(t, K)
  t.equal((await cli(['recipient', 'pause', 'product-analytics', '--reason', 'so that all of it waits', ...K])).code, 0)
  let acknowledged = 0
  const ended = new AbortController()
  const load = ['plug-1', 'plug-2'].map(async (device, i) => {
    const client = await connect(t, gateway.ready.mqtt, device)
    while (!ended.signal.aborted) {
      await client.publishAsync(`kasa/home-${i + 1}/${device}/energy-realtime`, REPORT, { qos: 1 })
      acknowledged += 1
    }
    await client.endAsync()
  })
  await until(() => acknowledged > 200)
  const before = acknowledged
  const made = await cli(['backup', backup, '--json', ...K])
  const after = acknowledged
  t.equal(made.code, 0, made.err)
  t.match(made.err, /^without the secret/)
  t.ok(after > before, 'reports were taken meanwhile')
  ended.abort()
  await Promise.all(load)
  t.strictSame(readdirSync(backup).sort(), ['manifest.json', 'replay.ndjson', 'store'])
  t.equal(statSync(backup).mode & 0o777, 0o700)
  t.equal(statSync(join(backup, 'store/data.mdb')).mode & 0o777, 0o600)
  const [{ path = '', sha256 = '' } = {}] = json<SealedManifest & object>(made).files
  t.match(execFileSync('sha256sum', [join(backup, path)], { encoding: 'utf8' }), sha256)
  t.match((await cli(['audit', 'list', '--action', 'backup.make', '--json', ...K])).out, /"outcome":"done"/)

  t.equal((await cli(['account', 'erase', 'home-2', '--yes', ...K])).code, 0)
  await gateway.stop()

  const restored = await cli(['restore', backup, '--secret', join(data, 'secret'), '--replay', join(data, 'replay.ndjson'), '--json', ...options(elsewhere)])
  t.match(restored, { code: 0 }, restored.err)
  t.match(json(restored), { toReplay: 1 })
  await cli(['restore', backup, '--secret', join(data, 'secret'), '--without-replay', ...options(forgetful)])
  t.match(await cli(['account', 'show', 'home-2', ...options(forgetful)]), { code: 0 }, 'without the list it is forgotten')
  const inBackup = await waiting(options(forgetful))
  t.ok(inBackup >= before, `${inBackup} of ${before}`)

  const there = await startCli(t, options(elsewhere))
  cpSync(join(data, 'ops.token'), join(elsewhere, 'ops.token'))
  t.match(await cli(['ledger', 'verify', ...options(elsewhere)]), { code: 0, out: /fits its chain/ })
  t.match(await cli(['account', 'show', 'home-2', ...options(elsewhere)]), { code: 1, err: /no account/ })
  const left = await waiting(options(elsewhere))
  t.ok(left > 0 && left < inBackup, 'what waited of the erased account is gone')
  await cli(['recipient', 'resume', 'product-analytics', ...options(elsewhere)])
  await until(() => disclosed(elsewhere, 'product-analytics').filter(({ report }) => report === 'energy-realtime').length >= left - 1)
  await until(async () => await waiting(options(elsewhere)) === 0)
  t.equal(new Set(disclosed(elsewhere, 'product-analytics').map(({ id }) => id)).size, left)
  await t.rejects(mqtt.connectAsync(there.ready.mqtt, { username: 'plug-2', password: PASSWORD, reconnectPeriod: 0 }))
  await connect(t, there.ready.mqtt, 'plug-1')
  t.equal(await there.stop(), 0)
})

t.test('restore: what is asked for is missing or contradicts itself -> usage, and nothing is made', async t => {
  const root = t.testdir()
  const [data, backup, target] = [join(root, 'data'), join(root, 'backup'), join(root, 'target')]
  await cli(['account', 'add', 'home-1', '--regime', 'opt-in', ...options(data)])
  t.match(await cli(['backup', backup, ...options(join(root, 'none'))]), { code: 1, err: /no data in/ })
  t.match(await cli(['backup', data, ...options(data)]), { code: 1, err: /is not empty/ })
  t.match(await cli(['backup', backup, '--with-secrets', ...options(data)]), { code: 0, out: /ledger \d+:[g-z]{60}\n$/, err: /THE BACKUP HOLDS THE SECRET/ })
  for (const args of [[], ['--replay', 'x', '--without-replay'], ['--without-replay', '--secret', 'x', '--without-secret'], ['--replay', 'x', '--without-secret']]) {
    t.match(await cli(['restore', backup, ...args, ...options(target)]), { code: 2 }, args.join(' '))
  }
  t.match(await cli(['restore', root, '--without-replay', ...options(target)]), { code: 1, err: /no manifest/ })
  t.notOk(existsSync(target))
  t.match(await cli(['restore', backup, '--without-replay', ...options(data)]), { code: 1, err: /is not empty/ })
  t.match(await cli(['restore', backup, '--without-replay', ...options(target)]), { code: 0, out: /the ledger fits its chain, \d+ entries/, err: /is forgotten/ })
  t.match(await cli(['account', 'show', 'home-1', ...options(target)]), { code: 0 })
  t.strictSame(readFileSync(join(target, 'secret')), readFileSync(join(data, 'secret')))
})

/** A data folder with an account and files of a recipient, and a backup of all of it. */
async function backedUp (t: Test): Promise<{ data: string, backup: string, restore: (changed?: Partial<RestoreRequest>) => Promise<unknown>, target: string }> {
  const root = t.testdir()
  const [data, backup, target] = [join(root, 'data'), join(root, 'backup'), join(root, 'target')]
  const core = await openCore({ config: CONFIG, data }, 'command')
  await core.registry.accounts.add({ account: 'home-1', regime: 'opt-in' }, { source: 'test', actor: 'ops' })
  await core.ledger.append([{ account: 'home-1', purpose: 'marketing', state: 'denied', source: 'test', actor: 'ops' }])
  const { keyring } = core
  await core.close()
  mkdirSync(join(data, 'recipients/a/2026-11-24'), { recursive: true })
  writeFileSync(join(data, 'recipients/a/2026-11-24/0001.ndjson'), '{}\n')
  await makeBackup({ data, folder: backup, withSecrets: true, withRecipients: true, nowMs: 1 }, async () => {}, async manifest => seal(manifest, keyring))
  const restore = async (changed: Partial<RestoreRequest> = {}): Promise<unknown> => await restoreBackup({ backup, data: target, secret: undefined, replay: 'none', now: Date.now, ...changed })
  return { data, backup, restore, target }
}

t.test('backup: of all there is -> each file listed, and put back with its mode', async t => {
  const { backup, restore, target } = await backedUp(t)
  const { files } = JSON.parse(readFileSync(join(backup, 'manifest.json'), 'utf8')) as SealedManifest
  t.strictSame(files.map(({ path }) => path), ['recipients/a/2026-11-24/0001.ndjson', 'replay.ndjson', 'secret', 'store/data.mdb'])
  t.match(await restore(), { madeMs: 1, toReplay: 0 })
  t.strictSame(readdirSync(target).sort(), ['recipients', 'replay.ndjson', 'secret', 'store'])
  t.strictSame(readdirSync(join(target, 'store')), ['data.mdb'])
  t.equal(statSync(join(target, 'secret')).mode & 0o777, 0o600)
  t.equal(readFileSync(join(target, 'recipients/a/2026-11-24/0001.ndjson'), 'utf8'), '{}\n')
})

t.test('restore: a backup that was changed anywhere -> refused, and the folder is empty again', async t => {
  const edit = (backup: string, from: string | RegExp, to: string): void => {
    const path = join(backup, 'manifest.json')
    const text = readFileSync(path, 'utf8')
    if (text.replace(from, to) === text) throw new Error('nothing was changed')
    writeFileSync(path, text.replace(from, to))
  }
  const table: readonly (readonly [string, string, (backup: string) => void | Promise<void>])[] = [
    ['a byte of the store', 'backup-invalid', backup => {
      const path = join(backup, 'store/data.mdb')
      const bytes = readFileSync(path)
      bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1
      writeFileSync(path, bytes)
    }],
    ['a file that was cut off', 'backup-invalid', backup => writeFileSync(join(backup, 'replay.ndjson'), '')],
    ['a file that is gone', 'backup-invalid', backup => rmSync(join(backup, 'replay.ndjson'))],
    ['another time in the manifest', 'backup-invalid', backup => edit(backup, '"madeMs": 1', '"madeMs": 2')],
    ['a path out of the folder', 'backup-invalid', backup => edit(backup, '"replay.ndjson"', '"../replay.ndjson"')],
    ['a path out of the folder of recipients', 'backup-invalid', backup => edit(backup, 'recipients/a/2026-11-24/0001.ndjson', 'recipients/a/../0001.ndjson')],
    ['a manifest of another version', 'backup-invalid', backup => edit(backup, '"backup": 1', '"backup": 2')],
    ['a replay list that is none', 'backup-invalid', backup => appendFileSync(join(backup, 'replay.ndjson'), 'x\n')]
  ]
  for (const [name, code, change] of table) {
    const { backup, restore, target } = await backedUp(t)
    await change(backup)
    await t.rejects(restore(), { code }, name)
    t.strictSame(existsSync(target) ? readdirSync(target) : [], [], name)
    rmSync(join(backup, '..'), { recursive: true })
  }
})

t.test('restore: a store changed and sealed again, another gateway\'s secret, an open one, a broken list -> refused', async t => {
  const { data, backup, restore, target } = await backedUp(t)
  const other = join(target, '../other')
  const core = await openCore({ config: CONFIG, data: other }, 'command')
  await core.close()
  await t.rejects(restore({ secret: { file: join(other, 'secret') } }), { code: 'backup-invalid', message: /the secret is not the one/ })
  await t.rejects(restore({ secret: { file: '/nowhere' } }), { code: 'backup-invalid' })
  writeFileSync(join(data, 'list'), 'x\n')
  await t.rejects(restore({ replay: { file: join(data, 'list') } }), { code: 'replay-unreadable' })
  t.strictSame(readdirSync(target), [])

  const store = openStore(data)
  await store.transaction(() => { store.database('consent.views').removeSync('home-1') })
  await store.close()
  rmSync(backup, { recursive: true })
  const { keyring, close } = await openCore({ config: CONFIG, data }, 'command')
  await close()
  await makeBackup({ data, folder: backup, withSecrets: false, withRecipients: false, nowMs: 1 }, async () => {}, async manifest => seal(manifest, keyring))
  await t.rejects(restore({ secret: { file: join(data, 'secret') } }), { code: 'ledger-broken' })
  t.match(await restore({ secret: 'none' }).catch((error: unknown) => error), { code: 'ledger-broken' })
})

t.test('restore: a newer secret, rotated since -> taken; a backup that cannot be sealed -> none is left', async t => {
  const { data, restore, target, backup } = await backedUp(t)
  t.equal((await cli(['secret', 'rotate', ...options(data)])).code, 0)
  t.match(await restore({ secret: { file: join(data, 'secret') }, replay: { file: join(data, 'replay.ndjson') } }), { toReplay: 0 })
  t.strictSame(readFileSync(join(target, 'secret')), readFileSync(join(data, 'secret')))
  const next = join(backup, '../next')
  await t.rejects(makeBackup({ data, folder: next, withSecrets: false, withRecipients: false, nowMs: 1 }, async () => {}, async () => { throw new Error('no seal') }), { code: 'backup-write' })
  t.strictSame(readdirSync(next), [])
  if (process.getuid?.() !== 0) {
    chmodSync(next, 0o500)
    await t.rejects(makeBackup({ data, folder: next, withSecrets: false, withRecipients: false, nowMs: 1 }, async () => {}, async () => { throw new Error('no seal') }), { code: 'backup-write' })
  }
})

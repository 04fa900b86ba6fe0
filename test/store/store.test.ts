import { chmodSync, existsSync, readFileSync, readdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import t from 'tap'
import { ownIdentity, isAlive } from '../../src/store/process-identity.js'
import { readLock, takeLock } from '../../src/store/lock.js'
import { RecentCache } from '../../src/store/recent-cache.js'
import { deriveKey } from '../../src/store/keyring.js'
import { createPrivateFile } from '../../src/store/private-file.js'
import { loadKeyring } from '../../src/store/secret.js'
import { Serial } from '../../src/store/serial.js'
import { freeBytesOf } from '../../src/store/free-space.js'
import { openStore } from '../../src/store/store.js'

const code = (wanted: string) => ({ name: 'CurtilageError', code: wanted })

t.test('store: several databases in one transaction -> durable together after reopening', async t => {
  const folder = t.testdir()
  const store = openStore(folder)
  const [a, b] = [store.database<string, string>('a'), store.database<Uint8Array, [string, number]>('b')]
  const result = await store.transaction(() => {
    a.putSync('x', 'one')
    b.putSync(['y', 2], Buffer.from('two'))
    return a.get('x')
  })
  t.equal(result, 'one')
  t.equal(store.database('a'), a)
  await store.close()
  const again = openStore(folder)
  t.equal(again.database<string, string>('a').get('x'), 'one')
  t.same(Buffer.from(again.database<Uint8Array, [string, number]>('b').get(['y', 2]) ?? []), Buffer.from('two'))
  await again.close()
  t.equal(statSync(join(folder, 'store')).mode & 0o777, 0o700)
})

t.test('store: a transaction that throws -> nothing of it, and those beside it stand', async t => {
  const store = openStore(t.testdir())
  const a = store.database<number, string>('a')
  const failure = new Error('no')
  const results = await Promise.allSettled([
    store.transaction(() => { a.putSync('before', 1) }),
    store.transaction(() => { a.putSync('half', 1); throw failure }),
    store.transaction(() => { a.putSync('after', 1) })
  ])
  t.same(results.map(({ status }) => status), ['fulfilled', 'rejected', 'fulfilled'])
  t.equal((results[1] as PromiseRejectedResult).reason, failure)
  t.same([...a.getKeys()], ['after', 'before'])
  await store.close()
})

t.test('store: written by a newer version -> refused by name', async t => {
  const folder = t.testdir()
  const store = openStore(folder)
  await store.transaction(() => { store.meta.putSync('format', 99) })
  await store.close()
  t.throws(() => openStore(folder), code('store-format'))
})

t.test('store: read only without a store -> refused; beside a writer -> sees what is durable', async t => {
  const folder = t.testdir()
  t.throws(() => openStore(folder, { readOnly: true }), code('store-missing'))
  const store = openStore(folder)
  const a = store.database<number, string>('a')
  await store.transaction(() => { a.putSync('x', 7) })
  await store.close()
  const reader = openStore(folder, { readOnly: true })
  t.equal(reader.database<number, string>('a').get('x'), 7)
  t.throws(() => reader.database('never-made'), code('store-missing'))
  await reader.close()
})

t.test('store: no store but a damaged file -> refused', t => {
  const folder = t.testdir({ store: { 'data.mdb': 'x'.repeat(20_000) } })
  t.throws(() => openStore(folder), code('store-open'))
  t.end()
})

t.test('secret: first start -> 32 bytes, mode 600, the same ever after', t => {
  const folder = join(t.testdir(), 'data')
  const secret = loadKeyring(folder).newest.secret
  t.equal(secret.length, 32)
  t.equal(statSync(join(folder, 'secret')).mode & 0o777, 0o600)
  t.equal(statSync(folder).mode & 0o777, 0o700)
  t.same(loadKeyring(folder).newest.secret, secret)
  t.same(readdirSync(folder), ['secret'])
  t.same(deriveKey(secret, 'a'), deriveKey(secret, 'a'))
  t.notSame(deriveKey(secret, 'a'), deriveKey(secret, 'b'))
  t.equal(deriveKey(secret, 'a').length, 32)
  t.end()
})

t.test('secret: readable by others, of a wrong length, or no plain file -> refused', t => {
  const refused: [string, (path: string) => void][] = [
    ['group', path => { writeFileSync(path, Buffer.alloc(32)); chmodSync(path, 0o640) }],
    ['world', path => { writeFileSync(path, Buffer.alloc(32)); chmodSync(path, 0o604) }],
    ['short', path => { writeFileSync(path, Buffer.alloc(31), { mode: 0o600 }) }],
    ['long', path => { writeFileSync(path, Buffer.alloc(33), { mode: 0o600 }) }],
    ['empty', path => { writeFileSync(path, '', { mode: 0o600 }) }],
    ['link', path => { writeFileSync(`${path}.real`, Buffer.alloc(32), { mode: 0o600 }); symlinkSync(`${path}.real`, path) }]
  ]
  for (const [name, make] of refused) {
    const folder = t.testdir()
    make(join(folder, 'secret'))
    t.throws(() => loadKeyring(folder), code('secret-unsafe'), name)
  }
  t.end()
})

t.test('private file: already there -> the first one stays', t => {
  const path = join(t.testdir(), 'token')
  createPrivateFile(path, Buffer.from('first'))
  createPrivateFile(path, Buffer.from('second'))
  t.equal(readFileSync(path, 'utf8'), 'first')
  t.end()
})

t.test('lock: a gateway has the folder -> a second and a command are refused until it is given back', async t => {
  const folder = t.testdir()
  t.equal(readLock(folder), undefined)
  const lock = await takeLock(folder, 'gateway')
  t.match(readLock(folder), { pid: process.pid, role: 'gateway' })
  lock.publish('http://127.0.0.1:8080')
  t.equal(readLock(folder)?.http, 'http://127.0.0.1:8080')
  await t.rejects(takeLock(folder, 'gateway'), { code: 'data-locked', message: /a gateway \(process \d+\)/ })
  await t.rejects(takeLock(folder, 'command'), { code: 'data-locked' })
  lock.release()
  lock.release()
  t.equal(readLock(folder), undefined)
  t.same(readdirSync(folder), [])
})

t.test('lock: a command has it for a moment -> a gateway waits, then takes it', async t => {
  const folder = t.testdir()
  const command = await takeLock(folder, 'command')
  await t.rejects(takeLock(folder, 'gateway', 0), { code: 'data-locked', message: /a command/ })
  const waiting = takeLock(folder, 'gateway', 30_000)
  command.release()
  const lock = await waiting
  t.equal(readLock(folder)?.role, 'gateway')
  command.release()
  t.equal(readLock(folder)?.role, 'gateway', 'a late release of another takes nothing')
  lock.release()
})

t.test('lock: many at the same moment -> one at a time', async t => {
  const folder = t.testdir()
  let inside = 0
  let most = 0
  await Promise.all(Array.from({ length: 6 }, async () => {
    const lock = await takeLock(folder, 'command', 60_000)
    inside += 1
    most = Math.max(most, inside)
    await new Promise(resolve => setImmediate(resolve))
    inside -= 1
    lock.release()
  }))
  t.equal(most, 1)
})

t.test('lock: holder killed with -9 -> taken over', async t => {
  const folder = t.testdir()
  const script = `import { takeLock } from ${JSON.stringify(new URL('../../src/store/lock.ts', import.meta.url).href)}; await takeLock(${JSON.stringify(folder)}, 'gateway'); console.log('held'); setInterval(() => {}, 1000)`
  const child = spawn(process.execPath, [...process.execArgv, '--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
  await once(child.stdout, 'data')
  t.equal(readLock(folder)?.pid, child.pid)
  await t.rejects(takeLock(folder, 'gateway'), { code: 'data-locked' })
  child.kill('SIGKILL')
  await once(child, 'exit')
  t.equal(readLock(folder), undefined)
  const lock = await takeLock(folder, 'gateway')
  t.equal(readLock(folder)?.pid, process.pid)
  lock.release()
  t.same(readdirSync(folder), [])
})

t.test('lock: the number of a dead holder used again, or another boot -> taken over', async t => {
  const own = ownIdentity()
  const dead = [{ ...own, started: '1' }, { ...own, boot: '00000000-0000-0000-0000-000000000000' }, { ...own, pid: 4_194_999, started: '7' }]
  t.ok(isAlive(own))
  for (const identity of dead) {
    t.notOk(isAlive(identity))
    const folder = t.testdir()
    writeFileSync(join(folder, `claim.${identity.pid}.${identity.started}.${identity.boot}.ghij`), '')
    writeFileSync(join(folder, 'gateway.lock'), JSON.stringify({ ...identity, role: 'gateway', nonce: 'ghij' }))
    t.equal(readLock(folder), undefined)
    const lock = await takeLock(folder, 'gateway')
    t.notOk(existsSync(join(folder, `claim.${identity.pid}.${identity.started}.${identity.boot}.ghij`)))
    lock.release()
  }
})

t.test('lock: a lock file that is no lock -> nobody holds it', async t => {
  const folder = t.testdir({ 'gateway.lock': '{"pid":' })
  t.equal(readLock(folder), undefined)
  const lock = await takeLock(folder, 'gateway')
  lock.release()
})

t.test('recent cache: more than it may hold -> bounded, the recent ones stay', t => {
  const cache = new RecentCache<number, string>(10)
  for (let i = 0; i < 1000; i++) {
    cache.set(i, String(i))
    t.equal(cache.get(0), '0')
  }
  t.equal(cache.get(999), '999')
  t.equal([...Array(1000).keys()].filter(i => cache.get(i) !== undefined).length <= 20, true)
  cache.delete(0)
  t.equal(cache.get(0), undefined)
  t.end()
})

t.test('serial: a task that fails -> the next runs, in order', async t => {
  const serial = new Serial()
  const order: number[] = []
  const results = await Promise.allSettled([
    serial.run(async () => { await Promise.resolve(); order.push(1) }),
    serial.run(() => { order.push(2); throw new Error('no') }),
    serial.run(() => { order.push(3) })
  ])
  t.same(order, [1, 2, 3])
  t.same(results.map(({ status }) => status), ['fulfilled', 'rejected', 'fulfilled'])
})

t.test('store: the disk nearly full -> nothing is written, the process lives; room again -> goes on', async t => {
  let free = 0
  const store = openStore(t.testdir(), { freeBytes: () => free })
  t.teardown(async () => { await store.close() })
  const facts = store.database<number, string>('facts')
  await t.rejects(store.transaction(() => { facts.putSync('a', 1) }), { code: 'store-write', message: /nearly full/ })
  t.equal(facts.get('a'), undefined)
  free = 1e9
  await store.transaction(() => { facts.putSync('a', 1) })
  t.equal(facts.get('a'), 1)
  t.ok(freeBytesOf('.') > 0, 'the real file system answers')
  t.equal(freeBytesOf('no such folder'), 0)
})

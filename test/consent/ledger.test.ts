import { randomBytes } from 'node:crypto'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import fc from 'fast-check'
import t from 'tap'
import { isConsent } from '../../src/consent/entry.js'
import { importConsents } from '../../src/consent/import-consents.js'
import { ConsentLedger } from '../../src/consent/ledger.js'
import { openTables } from '../../src/consent/ledger-tables.js'
import type { ConsentStatement } from '../../src/consent/statement.js'
import { openStore } from '../../src/store/store.js'
import { openLedger, RUNS, vocabulary } from './fixture.js'

const refused = (code: string) => ({ name: 'CurtilageError', code })
const grant = (account: string, parts: Partial<ConsentStatement> = {}): ConsentStatement => ({ account, purpose: 'other', state: 'granted', ...parts })

t.test('ledger: facts and consents appended -> kept in order, seen at once, the same after reopening', async t => {
  const folder = t.testdir()
  const { ledger, store, clock } = openLedger(folder)
  t.equal(ledger.current('home'), undefined)
  t.equal(ledger.at('home', 1e15), undefined)
  const fact = await ledger.setFacts('home', { regime: 'opt-in', region: 'eu' }, { actor: 'ops' })
  t.match(fact, { sequence: 1, id: /^[g-z]{12}$/, facts: { regime: 'opt-in' }, actor: 'ops', notice: '1.3' })
  const [one, two] = await ledger.append([grant('home', { expires: 9_999, source: 'app' }), grant('home', { purpose: 'marketing', recipient: 'r1', category: 'c1', device: 'd1', state: 'denied', notice: '1.2' })])
  t.match(one, { sequence: 2, purpose: 'other', state: 'granted', expires: 9_999, source: 'app', notice: '1.3', at: clock.ms })
  t.match(two, { sequence: 3, purpose: 'marketing', recipient: 'r1', category: 'c1', device: 'd1', state: 'denied', notice: '1.2' })
  t.strictSame(ledger.current('home'), { account: 'home', facts: { regime: 'opt-in', region: 'eu', minor: false, optOutSignal: false }, records: [one, two] })
  await ledger.setFacts('home', { minor: true })
  const before = { now: ledger.current('home'), history: ledger.history('home'), head: ledger.head() }
  await store.close()
  const again = openLedger(folder)
  t.same({ now: again.ledger.current('home'), history: again.ledger.history('home'), head: again.ledger.head() }, before)
  t.same(again.ledger.current('home'), again.ledger.at('home', 1e15))
  t.equal(again.ledger.at('home', fact.at)?.records.length, 0)
  t.equal(again.ledger.at('home', fact.at - 1), undefined)
  const [next] = await again.ledger.append([grant('home', { state: 'withdrawn' })])
  t.equal(next?.sequence, 5)
  t.ok((next?.at ?? 0) >= clock.ms, 'the clock of the ledger never goes backwards')
  t.strictSame(await again.ledger.verify([before.head]), { ok: true, entries: 5, erased: 0, head: again.ledger.head().head, problems: [] })
  await again.store.close()
})

t.test('ledger: malformed statements, unknown names, unknown account -> refused, nothing of the request kept', async t => {
  const { ledger, store } = openLedger(t.testdir())
  await ledger.setFacts('home', { regime: 'opt-in', region: 'eu' })
  const bad: [string, Partial<ConsentStatement>][] = [
    ['consent-invalid', { purpose: 'improve-product' }], ['consent-invalid', { recipient: 'x' }], ['consent-invalid', { category: 'x' }],
    ['consent-invalid', { device: 'x' }], ['consent-invalid', { device: 'd/1' }], ['consent-invalid', { state: 'maybe' as 'granted' }],
    ['consent-invalid', { state: 'denied', expires: 5 }], ['consent-invalid', { expires: 1.5 }], ['consent-invalid', { expires: -5 }], ['consent-invalid', { expires: NaN }],
    ['consent-invalid', { notice: 'latest' }], ['consent-invalid', { source: 'x'.repeat(201) }], ['consent-invalid', { actor: 'a\nb' }],
    ['account-invalid', { account: 'a b' }], ['account-invalid', { account: '' }], ['account-unknown', { account: 'nobody' }]
  ]
  for (const [code, parts] of bad) await t.rejects(ledger.append([grant('home'), grant('home', parts)]), refused(code), JSON.stringify(parts))
  await t.rejects(ledger.setFacts('home', { regime: 'A B' }), refused('account-invalid'))
  await t.rejects(ledger.setFacts('home', { minor: 'yes' as unknown as boolean }), refused('account-invalid'))
  await t.rejects(ledger.setFacts('nobody', { minor: true }), refused('account-unknown'))
  t.equal(ledger.head().sequence, 1)
  t.same(await ledger.append([]), [])
  await store.close()
})

t.test('ledger: many at once, some refused -> in the order given, one chain', async t => {
  const { ledger, store } = openLedger(t.testdir(), { cachedViews: 1 })
  await ledger.appendAll(['a', 'b', 'c'].map(account => ({ account, facts: { regime: 'opt-in', region: 'eu' } })))
  const results = await Promise.allSettled(Array.from({ length: 300 }, (_, i) => ledger.append([grant(i % 7 === 6 ? 'nobody' : ['a', 'b', 'c'][i % 3] ?? '', { state: i % 2 === 0 ? 'granted' : 'denied', device: `d${i}` })])))
  const sequences = results.flatMap(result => result.status === 'fulfilled' ? result.value.map(({ sequence }) => sequence) : [])
  t.same(sequences, sequences.map((_, i) => i + 4))
  t.equal(sequences.length, 300 - results.filter((_, i) => i % 7 === 6).length)
  const all = ['a', 'b', 'c'].flatMap(account => ledger.history(account)).filter(isConsent)
  t.same(all.map(({ sequence }) => sequence).sort((a, b) => a - b), sequences)
  t.ok((await ledger.verify()).ok)
  await store.close()
})

t.test('INVARIANT: after an append resolves every later read sees it, and a grant is never seen before it is durable', async t => {
  const folder = t.testdir()
  const store = openStore(folder)
  const seen = { durable: false }
  const watched = { ...store, transaction: async <T> (writes: () => T) => { const result = await store.transaction(writes); seen.durable = true; return result } }
  const ledger = new ConsentLedger({ store: watched, now: () => 1, noticeVersion: () => '1.3', randomBytes, vocabulary })
  await ledger.setFacts('home', { regime: 'opt-in', region: 'eu' })
  seen.durable = false
  const heard: unknown[] = []
  const end = ledger.onChange(account => heard.push([account, seen.durable, ledger.current(account)?.records.length]))
  ledger.onChange(() => { throw new Error('a listener that fails takes nothing with it') })
  const appending = ledger.append([grant('home')])
  t.equal(ledger.current('home')?.records.length, 0)
  while (!seen.durable) {
    t.equal(ledger.current('home')?.records.length, 0)
    await new Promise(resolve => setImmediate(resolve))
  }
  await appending
  t.equal(ledger.current('home')?.records.length, 1)
  t.same(heard, [['home', true, 1]])
  end()
  await ledger.append([grant('home', { state: 'denied' })])
  t.equal(ledger.current('home')?.records[0]?.state, 'denied')
  t.equal(heard.length, 1)
  await store.close()
})

t.test('ledger: the disk does not take a write -> refused as transient, the chain goes on from what is durable', async t => {
  const store = openStore(t.testdir())
  let failing = false
  const transaction = async <T> (writes: () => T): Promise<T> => {
    if (!failing) return await store.transaction(writes)
    await store.transaction(() => { writes(); throw new Error('disk full') })
    throw new Error('unreachable')
  }
  const ledger = new ConsentLedger({ store: { ...store, transaction }, now: () => 1, noticeVersion: () => '1.3', randomBytes, vocabulary })
  await ledger.setFacts('home', { regime: 'opt-in', region: 'eu' })
  failing = true
  await t.rejects(Promise.all([ledger.append([grant('home')]), ledger.append([grant('home')])]), /disk full/)
  await t.rejects(ledger.erase('home'), /disk full/)
  t.equal(ledger.current('home')?.records.length, 0)
  failing = false
  const [record] = await ledger.append([grant('home')])
  t.equal(record?.sequence, 2)
  t.ok((await ledger.verify()).ok)
  await store.close()
})

t.test('ledger: a grant without an expiry where the policy sets one -> gets it; a denial does not', async t => {
  const { ledger, store, clock } = openLedger(t.testdir(), { grantLifetimeMs: () => 1_000 })
  await ledger.setFacts('home', { regime: 'opt-in', region: 'eu' })
  const records = await ledger.append([grant('home'), grant('home', { device: 'd1', expires: 5 }), grant('home', { state: 'denied', device: 'd2' })])
  t.same(records.map(({ expires }) => expires), [clock.ms + 1_000, 5, undefined])
  await store.close()
})

t.test('erasure: an account goes -> its records and salts are gone, the chain verifies, the others stand', async t => {
  const folder = t.testdir()
  const { ledger, store } = openLedger(folder)
  for (const account of ['keep', 'gone-home']) await ledger.setFacts(account, { regime: 'opt-in', region: 'eu' })
  for (let i = 0; i < 200; i++) await ledger.append([grant(i % 2 === 0 ? 'keep' : 'gone-home', { device: `d${i}` })])
  const kept = ledger.history('keep')
  const noted = ledger.head()
  const heard: string[] = []
  ledger.onChange(account => heard.push(account))
  const also = store.database<number, string>('other')
  await ledger.erase('gone-home', () => { also.putSync('together', 1) })
  t.same(heard, ['gone-home'])
  t.equal(also.get('together'), 1)
  t.equal(ledger.current('gone-home'), undefined)
  t.same(ledger.history('gone-home'), [])
  t.same(ledger.history('keep'), kept)
  t.match(await ledger.verify([noted]), { ok: true, entries: 203, erased: 101, problems: [] })
  const tables = openTables(store)
  t.notMatch(JSON.stringify([...tables.groups.getRange(), ...tables.views.getRange()]), /gone-home/)
  await ledger.erase('gone-home')
  t.equal(ledger.head().sequence, 203, 'a second erasure finds nothing to do')
  await t.rejects(ledger.append([grant('gone-home')]), refused('account-unknown'))
  await ledger.setFacts('gone-home', { regime: 'opt-out', region: 'us' })
  t.equal(ledger.current('gone-home')?.records.length, 0)
  t.ok((await ledger.verify()).ok)
  await store.close()
})

t.test('audit: what was done -> in the chain, listed in order by account, action and time', async t => {
  const folder = t.testdir()
  const { ledger, store, clock } = openLedger(folder)
  for (const account of ['a', 'b']) await ledger.setFacts(account, { regime: 'opt-in', region: 'eu' })
  const { sequence: begun } = await ledger.record({ account: 'a', actor: 'ops', source: 'ghij', audit: { action: 'account.set', outcome: 'begun', route: 'PATCH /v1/accounts/:account' } })
  await ledger.append([grant('a')])
  t.match(await ledger.audit({ limit: 9 }), [{ sequence: begun, action: 'account.set', outcome: 'begun', account: 'a' }], 'as long as it has not ended')
  const noted = clock.ms
  const done = await ledger.record({ account: 'a', actor: 'ops', source: 'ghij', audit: { action: 'account.set', outcome: 'done', route: 'PATCH /v1/accounts/:account', begun } })
  for (let i = 0; i < 2_500; i++) ledger.record({ account: i % 2 === 0 ? 'a' : 'b', actor: 'auditor', audit: { action: 'consent.show', outcome: 'done', count: i } }).catch(t.fail)
  await ledger.record({ account: '', actor: 'gateway', audit: { action: 'policy.take-force', outcome: 'done', subject: 'ghijk' } })
  const all = await ledger.audit({ limit: 10_000 })
  t.equal(all.length, 2_502)
  t.strictSame(all[0], { id: done.id, sequence: done.sequence, at: done.at, notice: '1.3', source: 'ghij', actor: 'ops', action: 'account.set', outcome: 'done', route: 'PATCH /v1/accounts/:account', begun, account: 'a' })
  t.strictSame(Object.keys(all.at(-1) ?? {}).includes('account'), false)
  t.same((await ledger.audit({ action: 'policy.take-force', limit: 9 })).map(({ subject }) => subject), ['ghijk'])
  t.same((await ledger.audit({ account: 'b', limit: 9_999 })).map(({ count }) => count), Array.from({ length: 1_250 }, (_, i) => 2 * i + 1))
  t.same(await ledger.audit({ account: 'b', action: 'account.set', limit: 9 }), [])
  t.same((await ledger.audit({ sinceMs: noted + 1, limit: 1 })).map(({ sequence }) => sequence), [done.sequence])
  t.same(await ledger.audit({ untilMs: noted, limit: 9 }), [])
  t.same(await ledger.audit({ sinceMs: clock.ms + 1, limit: 9 }), [])
  const paged = []
  for (let page = await ledger.audit({ limit: 700 }); page.length > 0; page = await ledger.audit({ limit: 700, after: page.at(-1)?.sequence ?? 0 })) paged.push(...page)
  t.same(paged, all)
  t.same(ledger.history('a').map(({ sequence }) => sequence), [1, 4], 'consent and facts alone are an account\'s history')
  t.same(ledger.current('a'), ledger.at('a', 1e15))
  t.match(await ledger.verify(), { ok: true, problems: [] })
  await store.close()
  const again = openLedger(folder)
  t.same(await again.ledger.audit({ limit: 10_000 }), all)
  await again.store.close()
})

t.test('audit: an account goes -> its entries go with it, later ones bear no name, the chain verifies', async t => {
  const { ledger, store } = openLedger(t.testdir())
  await ledger.setFacts('gone-home', { regime: 'opt-in', region: 'eu' })
  const entry = (outcome: string, begun?: number) => ledger.record({ account: 'gone-home', actor: 'account:gone-home', source: 'ghij', audit: { action: 'account.erase', outcome, subject: 'gone-plug', ...(begun !== undefined && { begun }) } })
  await ledger.record({ account: 'never-there', audit: { action: 'account.show', outcome: 'account-unknown', subject: 'gone-plug' } })
  const { sequence } = await entry('begun')
  await ledger.erase('gone-home')
  await entry('done', sequence)
  t.match(await ledger.audit({ limit: 9 }), [{ action: 'account.show' }, { action: 'account.erase', outcome: 'done', actor: 'account', source: 'ghij' }])
  t.same(await ledger.audit({ account: 'gone-home', limit: 9 }), [])
  t.match(await ledger.verify(), { ok: true, entries: 5, erased: 2 })
  const { groups, views, audit } = openTables(store)
  t.notMatch(JSON.stringify([...groups.getRange(), ...views.getRange(), ...audit.getRange()]), /gone-home|gone-plug|never-there/)
  await store.close()
})

t.test('audit: any mixture of consents, actions and erasures -> the list is what was done and not erased, and the chain verifies', async t => {
  const folder = t.testdir()
  const accounts = fc.constantFrom('a', 'b', 'c')
  const step = fc.oneof(
    fc.record({ do: fc.constant('register' as const), account: accounts }),
    fc.record({ do: fc.constant('consent' as const), account: accounts }),
    fc.record({ do: fc.constant('erase' as const), account: accounts }),
    fc.record({ do: fc.constant('read' as const), account: fc.constantFrom('a', 'b', 'c', '') }),
    fc.record({ do: fc.constant('begin' as const), account: accounts }),
    fc.record({ do: fc.constant('end' as const), account: accounts })
  )
  let run = 0
  await fc.assert(fc.asyncProperty(fc.array(step, { maxLength: 40 }), async steps => {
    const { ledger, store } = openLedger(`${folder}/${run++}`)
    const registered = new Set<string>()
    const begun: number[] = []
    let model: { sequence: number, account: string, outcome: string }[] = []
    const noted = [ledger.head()].slice(1)
    const record = async (account: string, outcome: string, of?: number) => {
      const { sequence } = await ledger.record({ account, audit: { action: 'x.y', outcome, ...(of !== undefined && { begun: of }) } })
      model = model.filter(entry => entry.sequence !== of).concat({ sequence, account: registered.has(account) ? account : '', outcome })
      return sequence
    }
    for (const { do: what, account } of steps) {
      if (what === 'register') { await ledger.setFacts(account, { regime: 'opt-in', region: 'eu' }); registered.add(account) }
      if (what === 'consent' && registered.has(account)) await ledger.append([grant(account)])
      if (what === 'erase') { await ledger.erase(account); registered.delete(account); model = model.filter(entry => entry.account !== account) }
      if (what === 'read') await record(account, 'done')
      if (what === 'begin') begun.push(await record(account, 'begun'))
      if (what === 'end') await record(account, 'done', begun.pop())
      noted.push(ledger.head())
    }
    const listed = (await ledger.audit({ limit: 1_000 })).map(({ sequence, account = '', outcome }) => ({ sequence, account, outcome }))
    const own = (await ledger.audit({ account: 'a', limit: 1_000 })).map(({ sequence }) => sequence)
    const { ok, problems } = await ledger.verify(noted)
    await store.close()
    const expected = { listed: model, own: model.filter(({ account }) => account === 'a').map(({ sequence }) => sequence), ok: true, problems: [] }
    if (JSON.stringify({ listed, own, ok, problems }) !== JSON.stringify(expected)) throw new Error(JSON.stringify({ listed, expected, problems }))
  }), { numRuns: Math.min(RUNS, 100) })
})

t.test('audit: an action that is none -> a programmer\'s mistake', async t => {
  const { ledger, store } = openLedger(t.testdir())
  for (const action of ['', 'erase', 'Account.erase', 'account.erase home-1']) await t.rejects(ledger.record({ account: '', audit: { action, outcome: 'done' } }), TypeError, action)
  await store.close()
})

t.test('verify: every kind of tampering -> found', async t => {
  const cases: [string, string, (tables: ReturnType<typeof openTables>) => void][] = [
    ['a record changed', 'record', ({ groups }) => {
      const [key, [salt, group]] = [['b', 2] as [string, number], groups.get(['b', 2]) ?? []] as [[string, number], [Uint8Array, unknown[]]]
      const changed = structuredClone(group) as unknown[][]
      ;(changed[4] as unknown[])[1] = 1
      groups.putSync(key, [salt, changed])
    }],
    ['a record removed', 'missing', ({ groups }) => { groups.removeSync(['b', 2]) }],
    ['a record given to another', 'record', ({ groups }) => { groups.putSync(['c', 2], groups.get(['b', 2]) ?? [new Uint8Array(), []]); groups.removeSync(['b', 2]) }],
    ['a record twice', 'record', ({ groups }) => { groups.putSync(['b', 1_000], groups.get(['b', 2]) ?? [new Uint8Array(), []]) }],
    ['a commitment changed', 'head', ({ chain }) => { const page = Buffer.from(chain.get(0) ?? []); page[40] = (page[40] ?? 0) ^ 1; chain.putSync(0, page) }],
    ['a page removed', 'chain', ({ chain }) => { chain.removeSync(0) }],
    ['a page cut', 'chain', ({ chain }) => { chain.putSync(0, (chain.get(0) ?? new Uint8Array()).subarray(0, 50)) }],
    ['the head changed', 'head', ({ meta }) => { meta.putSync('ledger', [...(meta.get('ledger') as unknown[]).slice(0, 2), Buffer.alloc(32, 1)]) }],
    ['a view changed', 'view', ({ views }) => { const view = structuredClone(views.get('b')) as unknown[]; view[2] = true; views.putSync('b', view) }],
    ['a view removed', 'view', ({ views }) => { views.removeSync('b') }],
    ['a view made up', 'view', ({ views }) => { views.putSync('made-up', ['opt-out', 'us', false, false]) }],
    ['an audit entry left out of its index', 'audit-index', ({ audit }) => { audit.removeSync(4) }],
    ['an audit entry changed in its index', 'audit-index', ({ audit }) => { audit.putSync(4, [1, 'token.create', 'b']) }],
    ['an audit entry made up in its index', 'audit-index', ({ audit }) => { audit.putSync(1, [1, 'token.create', 'b']) }],
    ['an audit entry removed', 'missing', ({ groups, audit }) => { groups.removeSync(['b', 4]); audit.removeSync(4) }],
    ['an audit entry changed', 'record', ({ groups }) => {
      const [salt, group] = groups.get(['b', 4]) ?? [new Uint8Array(), []]
      groups.putSync(['b', 4], [salt, [...group.slice(0, 4), [4, 5, 'consent.show', 'done', null, 'plug-9']]])
    }],
    ['an erased record put back', 'erased-but-present', () => {}]
  ]
  for (const [name, kind, tamper] of cases) {
    const folder = t.testdir({})
    const { ledger, store } = openLedger(folder)
    await ledger.setFacts('a', { regime: 'opt-in', region: 'eu' })
    await ledger.setFacts('b', { regime: 'opt-in', region: 'eu' })
    await ledger.append([grant('b')])
    await ledger.record({ account: 'b', audit: { action: 'consent.show', outcome: 'done', subject: 'plug-1' } })
    const tables = openTables(store)
    const backup = { group: tables.groups.get(['b', 2]), view: tables.views.get('b') }
    if (kind === 'erased-but-present') {
      await ledger.erase('b')
      await store.transaction(() => { tables.groups.putSync(['b', 2], backup.group ?? [new Uint8Array(), []]); tables.views.putSync('b', backup.view ?? []) })
    } else await store.transaction(() => { tamper(tables) })
    const { ok, problems } = await ledger.verify()
    t.equal(ok, false, name)
    t.ok(problems.some(problem => problem.kind === kind), `${name}: ${JSON.stringify(problems)}`)
    await store.close()
  }
})

t.test('verify: a tail cut off with its head -> found by a head noted elsewhere', async t => {
  const { ledger, store } = openLedger(t.testdir())
  await ledger.setFacts('a', { regime: 'opt-in', region: 'eu' })
  const meta = store.meta.get('ledger')
  await ledger.setFacts('b', { regime: 'opt-in', region: 'eu' })
  const noted = ledger.head()
  const { groups, views } = openTables(store)
  await store.transaction(() => { groups.removeSync(['b', 2]); views.removeSync('b'); store.meta.putSync('ledger', meta) })
  t.ok((await ledger.verify()).ok)
  t.match(await ledger.verify([noted]), { ok: false, problems: [{ kind: 'noted-head', sequence: 2 }] })
  await store.close()
})

t.test('chain: pages of any fill, batches of any size -> verify after reopening', async t => {
  const folder = t.testdir()
  await fc.assert(fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 4 }), async sizes => {
    const { ledger, store } = openLedger(folder)
    if (ledger.current('home') === undefined) await ledger.setFacts('home', { regime: 'opt-in', region: 'eu' })
    for (const size of sizes) await ledger.append(Array.from({ length: size }, (_, i) => grant('home', { device: `d${i % 5}` })))
    const { ok } = await ledger.verify([ledger.head()])
    await store.close()
    return ok
  }), { numRuns: 10 })
})

t.test('crash: killed with -9 while it appends -> every acknowledged record is there and the chain verifies', async t => {
  const folder = t.testdir()
  const [ledgerFile, storeFile] = ['../../src/consent/ledger.ts', '../../src/store/store.ts'].map(path => new URL(path, import.meta.url).href)
  const script = `
    import { randomBytes } from 'node:crypto'
    import { writeSync } from 'node:fs'
    import { ConsentLedger } from ${JSON.stringify(ledgerFile)}
    import { openStore } from ${JSON.stringify(storeFile)}
    const all = () => true
    const ledger = new ConsentLedger({ store: openStore(${JSON.stringify(folder)}), now: Date.now, noticeVersion: () => '1.3', randomBytes, vocabulary: { purpose: all, recipient: all, category: all } })
    if (ledger.current('home') === undefined) await ledger.setFacts('home', { regime: 'opt-in', region: 'eu' })
    const one = async i => { for (;;) { const [record] = await ledger.append([{ account: 'home', purpose: 'other', device: 'd' + i, state: 'granted' }]); writeSync(1, record.id + '\\n') } }
    for (let i = 0; i < 16; i++) one(i)`
  const acknowledged = new Set<string>()
  for (const killAfter of [1, 150, 700]) {
    const child = spawn(process.execPath, [...process.execArgv, '--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
    const exited = once(child, 'exit')
    let lines = 0
    for await (const id of createInterface(child.stdout)) {
      acknowledged.add(id)
      if (++lines === killAfter) child.kill('SIGKILL')
    }
    await exited
    const { ledger, store } = openLedger(folder)
    const ids = new Set(ledger.history('home').map(({ id }) => id))
    t.same([...acknowledged].filter(id => !ids.has(id)), [], 'none is lost')
    t.ok(acknowledged.size >= killAfter)
    t.match(await ledger.verify(), { ok: true, problems: [] })
    await store.close()
  }
})

t.test('import: good and bad lines -> the good ones recorded in order, every bad one named by its number', async t => {
  const { ledger, store } = openLedger(t.testdir())
  await ledger.setFacts('home', { regime: 'opt-in', region: 'eu' })
  const good = '{"account":"home","purpose":"other","state":"granted"}'
  const rows: [line: string, problem: RegExp | undefined][] = [
    [good, undefined],
    ['', undefined],
    ['{"account":"home","purpose":"other","recipient":"r1","category":"c1","device":"d1","state":"denied","source":"crm"}', undefined],
    ['{"account":"home","purpose":"other","state":"granted","expires":"2030-01-01"}', undefined],
    ['not json at all', /^not JSON$/],
    ['[1]', /not an object/],
    ['null', /not an object/],
    ['{"account":"home","purpose":"other","state":"granted","secretKey":"secretValue"}', /^unknown key$/],
    ['{"account":"home","purpose":"other"}', /^state: malformed$/],
    ['{"account":7,"purpose":"other","state":"granted"}', /^account: expected string$/],
    ['{"account":"home","purpose":"secretValue","state":"granted"}', /^unknown purpose$/],
    ['{"account":"secretValue","purpose":"other","state":"granted"}', /^the account is not registered$/],
    ['{"account":"home","purpose":"other","state":"granted","expires":"secretValue"}', /^expires: malformed$/],
    ['{"account":"home","purpose":"other","state":"denied","expires":5}', /only a grant can expire/],
    [`{"account":"home","purpose":"${'x'.repeat(20_000)}","state":"denied"}`, /longer than/],
    [good, undefined]
  ]
  const progress: unknown[] = []
  const result = await importConsents(ledger, rows.map(([line]) => line), { actor: 'token', onProgress: step => progress.push(step) })
  t.equal(result.imported, 4)
  t.equal(result.lines, rows.length)
  t.same(result.problems.map(({ line }) => line), rows.flatMap(([, problem], i) => problem === undefined ? [] : [i + 1]))
  for (const { line, problem } of result.problems) t.match(problem, rows[line - 1]?.[1] ?? /^$/)
  t.notMatch(JSON.stringify(result), /secret/)
  t.match(ledger.history('home').filter(isConsent), [{ source: 'import', actor: 'token' }, { source: 'crm', device: 'd1' }, { expires: Date.UTC(2030, 0, 1) }, { state: 'granted' }])
  t.same(progress, [{ lines: 16, imported: 4, bad: result.bad }])
  await store.close()
})

t.test('import: an account erased in the middle -> its lines are bad, the others go in', async t => {
  const { ledger, store } = openLedger(t.testdir())
  await ledger.appendAll(['home', 'leaver'].map(account => ({ account, facts: { regime: 'opt-in', region: 'eu' } })))
  async function * lines () {
    for (const account of ['home', 'leaver', 'home']) yield JSON.stringify(grant(account))
    await ledger.erase('leaver')
  }
  t.match(await importConsents(ledger, lines()), { imported: 2, problems: [{ line: 2, problem: /not registered/ }] })
  await store.close()
})

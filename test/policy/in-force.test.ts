import t, { type Test } from 'tap'
import fc from 'fast-check'
import { openStore, type Store } from '../../src/store/store.js'
import { PolicyArchive } from '../../src/policy/archive.js'
import { Assessor } from '../../src/policy/assess.js'
import type { Configuration } from '../../src/policy/compile.js'
import { restartNeeded } from '../../src/policy/gateway-changes.js'
import type { GatewaySettings } from '../../src/policy/gateway-settings.js'
import { InForce } from '../../src/policy/in-force.js'
import { compareConfigurations, isAtMost } from '../../src/policy/compare-configurations.js'
import { PolicyDesk, type TakingForce, type Told } from '../../src/policy/policy-desk.js'
import { CurtilageError } from '../../src/model/errors.js'
import { configurationOf, SOURCES } from '../fixtures/policy.js'

const RUNS = Number(process.env.CURTILAGE_RUNS ?? (process.env.CI ? 1000 : 200))
const ANN = { by: 'ann', reason: 'why' }

function sideOf (side: number, approvals = 1): Configuration {
  return configurationOf({
    'recipients/analytics.yaml': text => text.replace('{ grid: 10km }', `{ grid: ${side}km }`),
    'gateway.yaml': text => approvals === 1 ? text : `${text}approvals: ${approvals}\n`
  })
}

const [COARSE, FINE, FINEST] = [sideOf(12), sideOf(2), sideOf(1)]
const BROKEN = { sources: new Map(Object.entries({ ...SOURCES, 'notice.yaml': 'nonsense' })) }

const assessor = new Assessor()

/** One data folder, a configuration folder, and a gateway that is started again and again. */
class World {
  readonly store: Store
  folder: Configuration | typeof BROKEN
  archive!: PolicyArchive
  inForce!: InForce
  desk!: PolicyDesk
  readonly audited: TakingForce[] = []
  told: Told[] = []
  swaps = 0
  abandoned = 0
  sinks: 'open' | 'fail' = 'open'
  disk: 'fine' | 'full' = 'fine'

  constructor (store: Store, folder: Configuration | typeof BROKEN) {
    this.store = store
    this.folder = folder
  }

  /** As the core does it. */
  async start (role: 'gateway' | 'command' = 'gateway'): Promise<this> {
    if (!('policy' in this.folder)) throw new CurtilageError('configuration-invalid')
    const archive = this.archive = new PolicyArchive(this.store, () => 1000)
    const active = archive.active === undefined ? undefined : archive.compiled(archive.active)
    const inForce = this.inForce = new InForce(active === undefined ? this.folder : { ...active, gateway: this.folder.gateway })
    const write = async (writes: () => void): Promise<void> => {
      if (this.disk === 'full') throw new CurtilageError('store-write')
      await this.store.transaction(writes)
    }
    this.desk = new PolicyDesk({
      archive,
      inForce,
      now: () => 1000,
      readFolder: async () => ({ sources: new Map(this.folder.sources), problems: [] }),
      assess: async draft => assessor.assess(draft),
      write,
      record: async (taking, writes) => {
        await write(writes)
        this.audited.push(taking)
      }
    })
    if (role === 'command') {
      await this.desk.recall()
      return this
    }
    await this.desk.begin(this.folder)
    this.desk.attach({
      prepare: async next => {
        if (this.sinks === 'fail') throw new CurtilageError('file-sink-folder')
        return {
          commit: async () => {
            if (inForce.current !== next) throw new TypeError('the sinks changed in another turn than the policy')
            this.swaps++
            return true
          },
          abandon: async () => { this.abandoned++ }
        }
      },
      tell: told => { this.told.push(told) }
    })
    return this
  }

  get digest (): string {
    return this.inForce.current.policy.digest
  }
}

async function world (t: Test, folder = COARSE): Promise<World> {
  const store = openStore(t.testdir())
  t.teardown(() => store.close())
  return await new World(store, folder).start()
}

function digestOf ({ policy: { digest } }: Configuration): string {
  return digest
}

t.test('in force: first start -> the folder\'s, in the audit log; again -> the same, and nothing is recorded', async t => {
  const w = await world(t)
  t.equal(w.digest, digestOf(COARSE))
  t.match(w.archive.list(), [{ digest: w.digest, state: 'active', activations: [{ why: 'first', by: 'gateway', sequence: 1, changes: [] }] }])
  await w.start()
  t.equal(w.archive.activations().length, 1)
  t.strictSame(w.audited, [{ action: 'policy.take-force', subject: w.digest, by: 'gateway' }])
})

t.test('reload: narrower, same, wider, broken, back -> taken at once, taken, waits, refused, nothing waits', async t => {
  const w = await world(t, FINE)
  w.folder = COARSE
  t.match(await w.desk.reload('SIGHUP'), { outcome: 'taken', verdict: 'narrower', settled: true })
  t.equal(w.digest, digestOf(COARSE))
  t.equal(w.swaps, 1)
  t.match(w.archive.activations().at(-1), { why: 'folder', by: 'SIGHUP', before: digestOf(FINE), verdict: 'narrower', changes: [{ effect: 'narrower' }] })
  const commented = w.folder = configurationOf({ 'recipients/analytics.yaml': text => text.replace('{ grid: 10km }', '{ grid: 12km } # wide') })
  t.match(await w.desk.reload('watch'), { outcome: 'taken', verdict: 'same' })
  t.match(await w.desk.reload('watch'), { outcome: 'unchanged' })
  w.folder = FINEST
  t.match(await w.desk.reload('watch'), { outcome: 'waiting', verdict: 'wider', approvals: { needed: 1, given: [] } })
  t.match(w.inForce.waiting, { digest: digestOf(FINEST), why: 'folder' })
  t.equal(w.digest, digestOf(commented))
  w.folder = BROKEN
  t.match(await w.desk.reload('watch'), { outcome: 'refused', problems: [{ file: 'notice.yaml' }] })
  t.match(w.inForce.folder, { problems: [{ file: 'notice.yaml' }] })
  t.match(w.inForce.waiting, { digest: digestOf(FINEST) }, 'what waited still waits')
  w.folder = commented
  t.match(await w.desk.reload('watch'), { outcome: 'unchanged' })
  t.equal(w.inForce.waiting, undefined)
  t.strictSame(w.told.map(({ outcome }) => outcome), ['taken', 'taken', 'waiting', 'refused'])
})

t.test('approve: the last one that is needed -> takes force at once; used up, bound to what was in force, and each by a token of its own', async t => {
  const w = await world(t)
  w.folder = FINE
  await w.desk.reload('watch')
  await t.rejects(w.desk.approve('unheardof', { ...ANN, token: 'a' }), { code: 'policy-unknown' })
  await t.rejects(w.desk.approve(digestOf(COARSE), { ...ANN, token: 'a' }), { code: 'policy-active' })
  t.match(await w.desk.approve(digestOf(FINE), { ...ANN, token: 'a' }), { outcome: 'taken' })
  t.equal(w.digest, digestOf(FINE))
  t.match(w.archive.activations().at(-1), { approvals: [{ by: 'ann', reason: 'why', token: 'a' }] })
  await t.rejects(w.desk.approve(digestOf(COARSE), { ...ANN, token: 'a' }), { code: 'policy-not-waiting' })
  w.folder = COARSE
  await w.desk.reload('watch')
  w.folder = FINE
  t.match(await w.desk.reload('watch'), { outcome: 'waiting', approvals: { given: [] } }, 'its approval is used up')
})

t.test('approvals: 2 -> two tokens, whoever lowers it; a restart forgets none; one given for another change does not count', async t => {
  const two = sideOf(12, 2)
  const w = await world(t, two)
  const lowered = w.folder = sideOf(12, 1)
  t.match(await w.desk.reload('watch'), { outcome: 'waiting', verdict: 'wider', changes: [{ aspect: 'approvals', old: '2', new: '1', oldRule: 'gateway.yaml:4' }], approvals: { needed: 2 } })
  t.match(await w.desk.approve(digestOf(lowered), { ...ANN, token: 'a' }), { outcome: 'waiting', approvals: { needed: 2, given: [{ by: 'ann', token: 'a' }] } })
  await t.rejects(w.desk.approve(digestOf(lowered), { ...ANN, token: 'a' }), { code: 'approval-refused' })
  await t.rejects(w.desk.approve(digestOf(lowered), { ...ANN, token: 'local' }), { code: 'approval-refused' })
  await w.start()
  t.match(w.inForce.waiting, { needed: 2, given: [{ token: 'a' }] })
  const narrower = w.folder = sideOf(24, 2)
  t.match(await w.desk.reload('watch'), { outcome: 'taken' })
  t.match(await w.desk.activate(digestOf(lowered), ANN), { outcome: 'waiting', approvals: { needed: 2, given: [] } }, 'the approval was for another change')
  await w.desk.approve(digestOf(lowered), { ...ANN, token: 'a' })
  t.match(await w.desk.approve(digestOf(lowered), { by: 'ben', reason: 'seen', token: 'b' }), { outcome: 'taken' })
  t.match(w.archive.activations().at(-1), { before: digestOf(narrower), approvals: [{ by: 'ann' }, { by: 'ben' }] })
})

t.test('rollback and activate: narrower -> at once; wider -> waits; a restart or a reload does not undo them, a folder that changes does', async t => {
  const w = await world(t, FINE)
  await t.rejects(w.desk.rollback(ANN), { code: 'policy-unknown' })
  w.folder = COARSE
  await w.desk.reload('watch')
  t.match(await w.desk.rollback(ANN), { outcome: 'waiting', verdict: 'wider' })
  t.match(w.inForce.waiting, { why: 'rollback', by: 'ann', reason: 'why' })
  t.match(await w.desk.approve(digestOf(FINE), { by: 'ben', reason: 'seen', token: 'b' }), { outcome: 'taken' })
  for (const restart of [false, true]) {
    if (restart) await w.start()
    t.equal(w.digest, digestOf(FINE), 'though the folder is narrower')
    t.match(await w.desk.reload('SIGHUP'), { outcome: 'set-aside', digest: digestOf(COARSE) })
    t.equal(w.digest, digestOf(FINE))
  }
  t.match(await w.desk.rollback(ANN), { outcome: 'taken', digest: digestOf(COARSE) })
  t.match(await w.desk.activate(digestOf(FINE), ANN), { outcome: 'waiting' })
  t.match(await w.desk.activate(digestOf(COARSE), ANN), { outcome: 'unchanged' }, 'the one in force: nothing shall take its place')
  t.equal((await w.start()).inForce.waiting, undefined)
  w.folder = FINEST
  t.match((await w.start()).inForce.waiting, { digest: digestOf(FINEST), why: 'folder' })
  w.folder = sideOf(24)
  await w.start()
  t.equal(w.digest, digestOf(w.folder), 'a folder that became narrower while nothing ran')
})

t.test('a sink that cannot be opened, a disk that takes nothing -> nothing changes, and it can be tried again', async t => {
  const w = await world(t, FINE)
  w.folder = COARSE
  w.sinks = 'fail'
  await t.rejects(w.desk.reload('watch'), { code: 'file-sink-folder' })
  t.equal(w.digest, digestOf(FINE))
  t.equal(w.archive.active, digestOf(FINE))
  t.match(w.told, [{ outcome: 'failed', code: 'file-sink-folder' }])
  w.sinks = 'open'
  t.match(await w.desk.reload('watch'), { outcome: 'taken' })
  w.folder = sideOf(24)
  w.disk = 'full'
  await t.rejects(w.desk.reload('watch'), { code: 'store-write' })
  t.equal(w.digest, digestOf(COARSE))
  w.disk = 'fine'
  await w.desk.reload('watch')
  t.equal(w.digest, digestOf(w.folder))
})

t.test('commands: no gateway runs -> approvals and wishes are kept for the next start, and nothing takes force', async t => {
  const w = await world(t)
  w.folder = FINE
  await w.start()
  await w.start('command')
  t.match(w.inForce.waiting, { digest: digestOf(FINE), needed: 1 })
  t.match(await w.desk.approve(digestOf(FINE), { ...ANN, token: 'local' }), { outcome: 'next-start' })
  t.equal(w.archive.active, digestOf(COARSE))
  await w.start()
  t.equal(w.digest, digestOf(FINE))
  await w.start('command')
  t.match(await w.desk.rollback(ANN), { outcome: 'next-start', verdict: 'narrower' })
  await w.start()
  t.equal(w.digest, digestOf(COARSE))
})

t.test('a policy that does not compile any more -> refused with the way out, not replaced', async t => {
  const w = await world(t)
  const kept = w.store.database<{ files: Record<string, string>, storedMs: number }, string>('policies')
  await w.store.transaction(() => { kept.putSync(digestOf(COARSE), { files: { 'notice.yaml': 'nonsense' }, storedMs: 0 }) })
  w.folder = FINE
  await t.rejects(w.start(), { code: 'policy-unreadable' })
  await w.start('command')
  t.match(await w.desk.approve(digestOf(FINE), { ...ANN, token: 'local' }), { outcome: 'next-start' })
  await w.start()
  t.equal(w.digest, digestOf(FINE))
  await t.rejects(w.desk.rollback(ANN), { code: 'policy-unreadable' })
  t.match(w.archive.list().find(({ digest }) => digest === digestOf(COARSE)), { state: 'past' })
})

t.test('archive: policies that never ran -> the last twenty are kept, and every one that did; an earlier version\'s approval counts', async t => {
  const w = await world(t, FINE)
  for (let side = 1; side <= 26; side++) {
    w.folder = configurationOf({ 'recipients/analytics.yaml': text => text.replace('{ grid: 10km }', `{ grid: 1km } # ${side}`) })
    await w.desk.reload('watch')
  }
  const states = w.archive.list().map(({ state }) => state)
  t.strictSame([states[0], states[1], states.length], ['active', 'waiting', 22])
  await w.store.transaction(() => { w.store.database('policies.state').putSync(`approved:${w.archive.candidate?.digest ?? ''}`, { by: 'ann', reason: 'before', atMs: 1 }) })
  await w.start()
  t.equal(w.digest, digestOf(w.folder as Configuration))
})

t.test('gateway.yaml: what a running gateway does not follow -> is named', async t => {
  const settings = (text: string) => configurationOf({ 'gateway.yaml': () => text }).gateway
  const before = settings('listeners: [ { type: mqtt, host: 127.0.0.1, port: 0 } ]\nhttp: { host: 127.0.0.1, port: 0 }\n')
  const after = settings('data: elsewhere\nlisteners: []\nhttp: { host: 127.0.0.1, port: 1 }\nlimits: { maxReportBytes: 1KiB, maxOutboxEntries: 5, maxConnections: 7, drainTimeout: 1s }\n')
  t.strictSame(restartNeeded(before, before), [])
  t.strictSame(restartNeeded(before, after), ['data', 'listeners', 'http', 'limits.drainTimeout', 'limits.maxConnections'])
  const traced = (share: number) => settings(`listeners: [ { type: mqtt, host: 127.0.0.1, port: 0 } ]\nhttp: { host: 127.0.0.1, port: 0 }\ntraces: { endpoint: "http://127.0.0.1:4318/v1/traces", share: ${share} }\n`)
  t.strictSame([[before, traced(1)], [traced(1), before], [traced(1), traced(0.5)], [traced(1), traced(1)]].map(([a, b]) => restartNeeded(a as GatewaySettings, b as GatewaySettings)), [['traces'], ['traces'], ['traces'], []])
})

t.test('INVARIANT 6: a bad configuration never replaces a good one, and a wider one never without approval', async t => {
  const sides = [1, 2, 3, 6, 12]
  const all = sides.map(side => sideOf(side))
  const side = fc.constantFrom(...all)
  const step = fc.oneof(
    fc.record({ act: fc.constantFrom('edit' as const, 'activate' as const, 'approve' as const), to: side }),
    fc.record({ act: fc.constantFrom('restart' as const, 'break' as const, 'reload' as const, 'rollback' as const, 'fail' as const), to: side })
  )
  const store = openStore(t.testdir())
  t.teardown(() => store.close())
  let [waited, taken] = [0, 0]
  await fc.assert(fc.asyncProperty(side, fc.array(step, { minLength: 1, maxLength: 14 }), async (first, steps) => {
    for (const name of ['policies', 'policies.state', 'policies.activations']) await store.database(name).clearAsync()
    const w = await new World(store, first).start()
    for (const { act, to } of steps) {
      const before = w.inForce.current
      const approved = act === 'approve' && w.inForce.waiting?.digest === digestOf(to)
      w.sinks = act === 'fail' ? 'fail' : 'open'
      if (act === 'edit' || act === 'fail') w.folder = to
      if (act === 'break') w.folder = BROKEN
      if (act === 'restart' && 'policy' in w.folder) await w.start()
      const done = act === 'approve' ? w.desk.approve(digestOf(to), { ...ANN, token: 'a' }) : act === 'activate' ? w.desk.activate(digestOf(to), ANN) : act === 'rollback' ? w.desk.rollback(ANN) : w.desk.reload('watch')
      await done.catch(error => { if (!(error instanceof CurtilageError)) throw error })
      const after = w.inForce.current
      const changed = digestOf(before) !== digestOf(after)
      if (changed && !approved && !isAtMost(compareConfigurations(before, after))) return false
      if (changed && act === 'break') return false
      if (w.archive.active !== digestOf(after)) return false
      const history = w.archive.activations()
      if (history.at(-1)?.digest !== digestOf(after) || history.some(({ before }, i) => before !== history[i - 1]?.digest)) return false
      // what is in force stays, restarted as often as one likes, until the folder changes
      const folder = w.folder
      if ('policy' in folder) {
        await w.start()
        if (act !== 'fail' && w.archive.active !== digestOf(after)) return false
      }
      if (w.inForce.waiting !== undefined) waited++
      if (changed) taken++
    }
    return true
  }), { numRuns: Math.ceil(RUNS / 5) })
  t.ok(waited > 0 && taken > 0)
})

import t, { type Test } from 'tap'
import fc from 'fast-check'
import { openStore, type Store } from '../../src/store/store.js'
import { compileSources, type Configuration } from '../../src/policy/compile.js'
import { PolicyArchive } from '../../src/policy/in-force.js'
import { compare } from '../../src/policy/order.js'
import { configurationOf, SOURCES } from '../fixtures/policy.js'

const RUNS = Number(process.env.CURTILAGE_RUNS ?? (process.env.CI ? 1000 : 200))

function sideOf (side: number): Configuration {
  return configurationOf({ 'recipients/analytics.yaml': text => text.replace('{ grid: 10km }', `{ grid: ${side}km }`) })
}

function world (t: Test): { store: Store, archive: PolicyArchive } {
  const store = openStore(t.testdir())
  t.teardown(() => store.close())
  return { store, archive: new PolicyArchive(store, () => 0) }
}

t.test('in force: first start -> the folder\'s; again -> the same', async t => {
  const { archive } = world(t)
  const folder = sideOf(10)
  t.equal((await archive.choose(folder)).configuration.policy.digest, folder.policy.digest)
  t.equal((await archive.choose(folder)).waiting, undefined)
  t.match(archive.list(), [{ digest: folder.policy.digest, active: true }])
})

t.test('in force: wider folder -> the old runs, the new waits; approved -> it runs; an approval serves once', async t => {
  const { archive } = world(t)
  const [coarse, fine] = [sideOf(10), sideOf(1)]
  await archive.choose(coarse)
  const chosen = await archive.choose(fine)
  t.equal(chosen.configuration.policy.digest, coarse.policy.digest)
  t.equal(chosen.waiting?.digest, fine.policy.digest)
  t.equal(chosen.waiting?.comparison.verdict, 'wider')
  t.equal((await archive.choose(fine)).waiting?.digest, fine.policy.digest, 'after a restart too')
  await t.rejects(archive.approve('unheard-of', 'somebody', 'why'), { code: 'policy-unknown' })
  await t.rejects(archive.approve(coarse.policy.digest, 'somebody', 'why'), { code: 'policy-active' })
  await archive.approve(fine.policy.digest, 'somebody', 'why')
  t.equal((await archive.choose(fine)).configuration.policy.digest, fine.policy.digest)
  await archive.choose(coarse)
  t.equal((await archive.choose(fine)).waiting?.digest, fine.policy.digest, 'its approval is used up')
  await archive.approve(fine.policy.digest, 'somebody', 'why')
  await archive.choose(fine)
  t.match(archive.list().find(({ active }) => active), { digest: fine.policy.digest, approval: { by: 'somebody', reason: 'why' } })
})

t.test('in force: narrower folder -> at once; back to the wider one that ran before -> waits', async t => {
  const { archive } = world(t)
  const [coarse, fine] = [sideOf(10), sideOf(1)]
  await archive.choose(fine)
  t.equal((await archive.choose(coarse)).waiting, undefined)
  t.equal((await archive.choose(fine)).waiting?.digest, fine.policy.digest, 'a rollback is no approval')
})

t.test('in force: a policy that does not compile any more -> refused with the way out, not replaced', async t => {
  const { store, archive } = world(t)
  const [coarse, fine] = [sideOf(10), sideOf(1)]
  await archive.choose(coarse)
  const kept = store.database<{ files: Record<string, string>, storedMs: number }, string>('policies')
  await store.transaction(() => { kept.putSync(coarse.policy.digest, { files: { 'notice.yaml': 'nonsense' }, storedMs: 0 }) })
  await t.rejects(archive.choose(fine), { code: 'policy-unreadable' })
  await archive.approve(fine.policy.digest, 'somebody', 'upgrade')
  t.equal(archive.current(coarse).configuration.policy.digest, coarse.policy.digest, 'a command can still work')
  t.equal((await archive.choose(fine)).configuration.policy.digest, fine.policy.digest)
})

t.test('in force: commands before the first start -> the folder\'s, and nothing is activated', async t => {
  const { archive } = world(t)
  const [coarse, fine] = [sideOf(10), sideOf(1)]
  t.equal(archive.current(coarse).configuration.policy.digest, coarse.policy.digest)
  t.equal((await archive.choose(fine)).waiting, undefined)
  t.equal(archive.current(coarse).configuration.policy.digest, fine.policy.digest, 'then the one in force')
})

t.test('INVARIANT 6: a bad configuration never replaces a good one, and a wider one never without approval', async t => {
  const sides = [1, 2, 3, 6, 12]
  const bySide = new Map(sides.map(side => [side, sideOf(side)]))
  const { store } = world(t)
  const step = fc.oneof(
    fc.record({ act: fc.constant('start' as const), side: fc.constantFrom(...sides) }),
    fc.record({ act: fc.constant('approve' as const), side: fc.constantFrom(...sides) }),
    fc.record({ act: fc.constant('break' as const), side: fc.constantFrom(...sides) })
  )
  let waited = 0
  await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async steps => {
    for (const name of ['policies', 'policies.state']) await store.database(name).clearAsync()
    const archive = new PolicyArchive(store, () => 0)
    const approved = new Set<number>()
    let active: number | undefined
    for (const { act, side } of steps) {
      const folder = bySide.get(side)
      if (folder === undefined) return false
      if (act === 'break') {
        // what does not compile never comes as far as the archive
        const broken = compileSources(new Map(Object.entries({ ...SOURCES, 'notice.yaml': 'nonsense' })))
        if (!('problems' in broken)) return false
      } else if (act === 'approve') {
        await archive.approve(folder.policy.digest, 'somebody', 'why').then(() => approved.add(side), () => {})
      } else {
        const { configuration, waiting } = await archive.choose(folder)
        const now = sides.find(candidate => bySide.get(candidate)?.policy.digest === configuration.policy.digest)
        const wider = active !== undefined && !approved.has(side) && !['same', 'narrower'].includes(compare((bySide.get(active) ?? folder).policy, folder.policy).verdict)
        if (now !== (wider ? active : side) || (waiting !== undefined) !== wider) return false
        if (wider) waited++
        if (now !== active) approved.delete(side)
        active = now
      }
    }
    return true
  }), { numRuns: RUNS })
  t.ok(waited > 0)
})

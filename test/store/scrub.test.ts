import t from 'tap'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { scrub, type Removed } from '../../src/store/scrub.js'
import { openStore } from '../../src/store/store.js'

t.test('scrub: rows removed among others that stay -> nothing of them in the file, the others as they were', async t => {
  let run = 0
  await fc.assert(fc.asyncProperty(fc.array(fc.record({ place: fc.nat(400), size: fc.constantFrom(1, 30, 700, 5000) }), { minLength: 1, maxLength: 12 }), fc.boolean(), async (canaries, isLarge) => {
    const data = join(t.testdir(), String(run++))
    const store = openStore(data)
    const rows = store.database<unknown, string>('rows')
    const others = isLarge ? 3_000 : 300
    const key = (place: number) => `k${String(place).padStart(5, '0')}`
    await store.transaction(() => { for (let i = 0; i < others; i++) rows.putSync(key(i), { filling: 'x'.repeat(60), bytes: Buffer.from([i % 256]), at: 1.5 * i }) })
    const names = canaries.map(({ place }, i) => `${key(place)}-canary-${i}`)
    await store.transaction(() => { canaries.forEach(({ size }, i) => rows.putSync(names[i] ?? '', { text: 'canary'.repeat(size) })) })
    const before = [...rows.getRange()].filter(({ key }) => !key.includes('canary'))
    await store.transaction(() => { for (const name of names) rows.removeSync(name) })
    await scrub(store, names.map((name): Removed => ['rows', name]))
    const isThere = readFileSync(join(data, 'store', 'data.mdb')).includes('canary')
    const isSame = JSON.stringify([...rows.getRange()]) === JSON.stringify(before)
    await store.close()
    return !isThere && isSame
  }), { numRuns: 12 })
})

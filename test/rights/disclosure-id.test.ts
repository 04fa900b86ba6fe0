import t from 'tap'
import { createHmac, randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { bytesOfLetters, lettersOf } from '../../src/letters.js'
import { DisclosureIds, idsUnder } from '../../src/rights/disclosure-id.js'

const RUNS = Number(process.env.CURTILAGE_RUNS ?? (process.env.CI ? 1000 : 200))

t.test('letters: spelled and read back -> the same bytes; anything else is none', async t => {
  fc.assert(fc.property(fc.uint8Array({ minLength: 1, maxLength: 64 }), bytes => {
    const read = bytesOfLetters(lettersOf(bytes), bytes.length)
    return read !== undefined && Buffer.compare(read, bytes) === 0
  }), { numRuns: RUNS })
  for (const text of ['', 'g', 'z'.repeat(30), `${'g'.repeat(29)}a`, `${'g'.repeat(29)}G`, 'g'.repeat(31)]) t.equal(bytesOfLetters(text, 16), undefined, text)
  t.same(bytesOfLetters('g'.repeat(30), 16), Buffer.alloc(16))
})

t.test('letters: any bytes -> those of the number in base 20', async () => {
  const alphabet = 'ghijklmnopqrstuvwxyz'
  fc.assert(fc.property(fc.uint8Array({ minLength: 1, maxLength: 64 }), bytes => {
    const digits = BigInt('0x' + Buffer.from(bytes).toString('hex')).toString(20)
    const letters = [...digits].map(digit => alphabet.charAt(Number.parseInt(digit, 20))).join('')
    return lettersOf(bytes) === letters.padStart(Math.ceil(bytes.length * 8 / Math.log2(20)), 'g')
  }), { numRuns: RUNS })
})

t.test('disclosure id: under any key -> 38 letters g–z, told by its own key and by no other', async () => {
  const key = fc.uint8Array({ minLength: 32, maxLength: 32 })
  fc.assert(fc.property(key, key, (own, other) => {
    const ids = new DisclosureIds()
    // more than are made ahead
    const all = Array.from({ length: 20 }, () => ids.next(own))
    const isOther = Buffer.compare(own, other) !== 0
    return new Set(all).size === all.length && all.every(id => /^[g-z]{38}$/.test(id) && idsUnder(own)(id) && (!isOther || !idsUnder(other)(id)))
  }), { numRuns: RUNS / 10 })
})

t.test('disclosure id: made as before, with an HMAC -> is known still', async () => {
  const key = fc.uint8Array({ minLength: 32, maxLength: 32 })
  fc.assert(fc.property(fc.uint8Array({ minLength: 12, maxLength: 12 }), key, key, (random, own, other) => {
    const idKey = createHmac('sha256', own).update('disclosure-id').digest()
    const id = lettersOf(Buffer.concat([random, createHmac('sha256', idKey).update(random).digest().subarray(0, 8)]))
    const isOther = Buffer.compare(own, other) !== 0
    return idsUnder(own)(id) && (!isOther || !idsUnder(other)(id))
  }), { numRuns: RUNS })
})

t.test('disclosure id: what a recipient may have received under that name before -> is nobody\'s', async t => {
  for (const id of ['', 'ghijklmnopqrstuvwxyzghijklmnop', 'z'.repeat(38), '0'.repeat(38), 'ä'.repeat(38)]) t.equal(idsUnder(Buffer.alloc(32))(id), false, id)
})

t.test('disclosure ids: of one account and of many -> alike in every place to whoever has no key', async t => {
  const own = randomBytes(32)
  const ids = new DisclosureIds()
  const counts = { own: lettersIn(Array.from({ length: 4000 }, () => ids.next(own))), many: lettersIn(Array.from({ length: 4000 }, () => ids.next(randomBytes(32)))) }
  t.equal(new Set(Array.from({ length: 4000 }, () => ids.next(own))).size, 4000)
  // 20 letters in 37 places (the first is nearly always one), 4000 draws each: 200 expected, 14 the standard deviation
  const far = counts.own.flatMap((places, place) => place === 0 ? [] : places.map((count, letter) => Math.abs(count - (counts.many[place]?.[letter] ?? 0))))
  t.ok(Math.max(...far) < 6 * Math.sqrt(2) * 14, `at most ${Math.max(...far)} apart`)
})

/** How often each letter stands in each place. */
function lettersIn (ids: readonly string[]): number[][] {
  return Array.from({ length: 38 }, (_, place) => [...'ghijklmnopqrstuvwxyz'].map(letter => ids.filter(id => id[place] === letter).length))
}

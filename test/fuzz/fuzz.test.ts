/**
 * The fuzzer itself, its committed corpus, and a short run of every target: a fixed seed and a fixed number of attempts.
 *
 * `npm run fuzz` looks for longer.
 */

import t from 'tap'
import { createHash } from 'node:crypto'
import { readCorpus } from './corpus.js'
import { fuzz, type FuzzResult } from './fuzz.js'
import { minimize } from './minimize.js'
import { fault, square } from './planted-fault.js'
import { Random } from './random.js'
import { TARGETS } from './targets.js'
import type { Mutator } from './mutate-bytes.js'
import type { Target } from './target.js'

const SEED = 20261124
const ATTEMPTS = Number(process.env.CURTILAGE_FUZZ ?? 256)

/** Few letters, so that few attempts are needed. */
const setLetter: Mutator = (input, _other, random) => {
  const changed = Uint8Array.from(input)
  changed[random.below(changed.length)] = 0x41 + random.below(58)
  return changed
}

function planted (attempt: (input: Uint8Array) => void, more: Partial<Target> = {}): Target {
  return { name: 'planted', sources: /planted-fault\./, mutators: [setLetter], maxBytes: 64, open: async () => ({ attempt }), ...more }
}

async function tries (target: Target, attempts: number, guided = true): Promise<FuzzResult> {
  return await fuzz(target, { seed: SEED, seeds: [Buffer.from('none')], guided, goOn: runs => runs < attempts })
}

t.test('fuzzer: a fault behind four bytes -> found, made small, and found again by its seed', async t => {
  const { finding, runs } = await tries(planted(fault), 20_000)
  t.match(finding?.error, { name: 'RangeError' })
  t.equal(Buffer.from(finding?.input ?? []).toString(), 'MQIs')
  const again = await tries(planted(fault), 20_000)
  t.equal(again.runs, runs)
})

t.test('fuzzer: the same without a look at coverage -> not found', async t => {
  t.equal((await tries(planted(fault), 20_000, false)).finding, undefined)
})

t.test('fuzzer: work with the square of the input -> found by counting, whatever the clock says', async t => {
  const slow = planted(input => { square(input) }, { isLinear: true })
  t.match((await tries(slow, 1000)).finding?.error, { message: /not linear/ })
  const fine = planted(input => { square(input.subarray(0, 8)) }, { isLinear: true })
  t.equal((await tries(fine, 1000)).finding, undefined)
})

t.test('minimize: an input that fails -> nothing in it that it does not need', async t => {
  const small = await minimize(Buffer.from('some a and then a b somewhere'), async input => /a.*b/.test(Buffer.from(input).toString()))
  t.equal(Buffer.from(small).toString(), 'ab')
})

t.test('random: the same seed -> the same numbers', async t => {
  const [one, two] = [new Random(7), new Random(7)]
  t.strictSame(one.bytes(100), two.bytes(100))
  t.equal(new Set(one.bytes(1000)).size > 200, true)
})

t.test('corpus: every input -> small, and there once', async t => {
  for (const { name } of TARGETS) {
    const inputs = readCorpus(name)
    t.ok(inputs.length > 0, name)
    t.strictSame(inputs.filter(({ length }) => length > 16_384), [], name)
    t.equal(new Set(inputs.map(input => createHash('sha256').update(input).digest('hex'))).size, inputs.length, name)
  }
})

t.test('targets: the corpus of each, and what comes of it -> no promise broken', async t => {
  for (const target of TARGETS) {
    await t.test(target.name, async t => {
      const seeds = readCorpus(target.name)
      const { finding, runs } = await fuzz(target, { seed: SEED, seeds, goOn: runs => runs < ATTEMPTS })
      t.equal(finding && `${String(finding.error)}: ${Buffer.from(finding.input).toString('hex')}`, undefined)
      t.ok(runs >= ATTEMPTS)
    })
  }
})

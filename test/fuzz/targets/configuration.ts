/**
 * The loader of configurations: whatever the files say, it answers with problems that have a place, or with a policy that
 * compiles again to itself and under which no address leaves.
 *
 * An input is one file of a small configuration: its first line says which.
 */

import assert from 'node:assert/strict'
import { compileSources } from '../../../src/policy/compile.js'
import { compare } from '../../../src/policy/order.js'
import { spellProblem, type Problem } from '../../../src/policy/problem.js'
import { takeReport } from '../../../src/pipeline.js'
import { contextOf, grantedAll, intakeOf } from '../../fixtures/path.js'
import { SOURCES } from '../../fixtures/policy.js'
import { byteMutators } from '../mutate-bytes.js'
import { lineMutator } from '../mutate-lines.js'
import type { CompiledPolicy } from '../../../src/model/policy.js'
import type { Target } from '../target.js'

const MAC = '50:C7:BF:0D:91:8C'
const REPORT = JSON.stringify({ event: MAC, alias: `x ${MAC}`, model: MAC, ap_list: [{ bssid: MAC }], ip: MAC, [MAC]: 1, nickname: Buffer.from(MAC).toString('base64'), when: MAC, sw_ver: MAC, size: MAC })
const FILES = Object.keys(SOURCES)
const WORDS = [...new Set(Object.values(SOURCES).flatMap(text => text.match(/[\w.{}[\]-]+/g) ?? []))]
const lines = lineMutator(WORDS)

export const configuration: Target = {
  name: 'configuration',
  sources: /\/src\/policy\//,
  mutators: [lines, lines, lines, ...byteMutators(['kasa/{account}/{device}/', '{device.id}', 'ap_list[].bssid', '*', '30d', '15m', '10km', '256KiB', '">=1.3"', '99999999999999999999d', '0x10', '.nan', '.inf', '2020-02-30', '\u00c3\u00a9', ...WORDS])],
  maxBytes: 8192,
  open: async () => ({ attempt })
}

function attempt (input: Uint8Array): void {
  const [file, text] = fileIn(input)
  const sources = new Map(Object.entries({ ...SOURCES, [file]: text }))
  const compiled = compileSources(sources)
  if ('problems' in compiled) {
    assert.notEqual(compiled.problems.length, 0, 'refused, and nobody is told why')
    for (const problem of compiled.problems) judgeProblem(problem, sources)
    return
  }
  const again = compileSources(compiled.sources)
  assert(!('problems' in again), 'accepted once, and not again')
  assert.equal(again.policy.digest, compiled.policy.digest)
  assert.equal(compare(compiled.policy, again.policy).verdict, 'same')
  judgePolicy(compiled.policy)
}

function judgeProblem (problem: Problem, sources: ReadonlyMap<string, string>): void {
  const { file, line, column, message } = problem
  const lines = sources.get(file)?.split('\n')
  assert(Number.isInteger(line) && line >= 1 && line <= (lines?.length ?? 1) && Number.isInteger(column) && column >= 1, `a place that is none: ${problem.code}`)
  assert(column <= (lines?.[line - 1]?.length ?? 0) + 1, `a column beyond its line: ${problem.code}`)
  assert(message.length > 0 && !/[\n\r]/.test(spellProblem(problem)) && !/undefined|\[object|NaN/.test(message.replace(/'[^']*'/g, '')), `a message that nobody can read: ${problem.code}`)
}

function judgePolicy (policy: CompiledPolicy): void {
  for (const tail of policy.reportsByTopic.keys()) {
    const taken = takeReport(intakeOf(tail, REPORT), contextOf(policy, grantedAll(policy)))
    if (taken.outcome === 'quarantined') continue
    for (const judgement of taken.judgements) {
      if (judgement.effect === 'disclosed') assert(!Buffer.from(judgement.disclosure.bytes).toString('utf8').includes('0D:91'), 'an address left')
    }
  }
}

function fileIn (input: Uint8Array): [file: string, text: string] {
  const text = Buffer.from(input).toString('utf8')
  const [, named = '', rest = text] = /^# file: (\S*)\n([^]*)$/.exec(text) ?? []
  return [FILES.includes(named) ? named : 'recipients/analytics.yaml', rest]
}

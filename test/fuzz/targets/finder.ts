/** The address finder: whatever stands around it, a planted address is found; no text takes more than linear work. */

import assert from 'node:assert/strict'
import { findsAddress } from '../../../src/guard/finder.js'
import { KnownAddressCollector } from '../../../src/guard/known.js'
import { byteMutators } from '../mutate-bytes.js'
import type { Target } from '../target.js'
import { plantedIn } from './planted.js'

const WORDS = [':', '-', '.', '::', '%', '%25', '%3A', '&#', '&#x3a;', '&colon;', '&amp;', '\\u003a', '\\x3a', '=3A', '0x', 'fe80::', 'fffe', 'ffff:', 'http://', '://', '@', '[', ']', '[.]', ' dot ', '.in-addr.arpa', '.ip6.arpa', '00', 'ff', 'NTA6', '==', '{"', '":"', '"}', ',', ', ', '\r\n', ' ', '\t', '\u00e2\u0080\u008b', '\u00ef\u00bc\u009a', '/24', 'Rel.', '12:34:56', '192.168.1.5', '50C7BF0D918C']

export const finder: Target = {
  name: 'finder',
  sources: /\/src\/guard\//,
  mutators: byteMutators(WORDS),
  maxBytes: 1024,
  isLinear: true,
  open: async () => ({ attempt })
}

function attempt (input: Uint8Array): void {
  const divided = plantedIn(input)
  if (divided === undefined) return
  const { planted: { text, spelling, encoding, place }, rest } = divided
  const around = Buffer.from(rest).toString('utf8')
  assert.equal(finds(around), finds(around), 'another verdict on the same text')
  const at = Math.floor(place * around.length)
  assert(finds(`${around.slice(0, at)}\n${text}\n${around.slice(at)}`), `${spelling}, ${encoding}: not found`)
}

function finds (text: string): boolean {
  return findsAddress(text, { known: new KnownAddressCollector().known(), freeText: true, numeric: false })
}

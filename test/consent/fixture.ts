import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { ConsentLedger, type LedgerOptions } from '../../src/consent/ledger.js'
import type { StatusPolicy } from '../../src/consent/status.js'
import type { ConsentScope, RecordedState } from '../../src/model/consent.js'
import type { Purpose, RecipientKind, Regime } from '../../src/model/policy.js'
import { openStore, type Store } from '../../src/store/store.js'

export const RUNS = Number(process.env.CURTILAGE_RUNS ?? (process.env.CI ? 1000 : 200))

export const PURPOSES = ['provide-service', 'improve-products', 'marketing', 'other'] as const

export const policy: StatusPolicy = {
  noticeVersion: '1.3',
  purposes: new Map([
    purpose('provide-service', { required: true }),
    purpose('improve-products', { signalHonored: true }),
    purpose('marketing', { signalHonored: true, minimumNotice: '1.3' }),
    purpose('other', {})
  ].map(made => [made.name, made])),
  regimes: new Map([
    regime('opt-in', false),
    regime('opt-out', true, { marketing: false }, ['marketing', 'integration']),
    regime('notice', false, { 'improve-products': true }, ['marketing'])
  ].map(made => [made.name, made]))
}

export const KINDS: readonly RecipientKind[] = [
  { name: 'service-provider', access: 'open', clause: '3' },
  { name: 'marketing', access: 'open', clause: '3' },
  { name: 'integration', access: 'recipient-consent', clause: '3' }
]

function purpose (name: string, parts: Partial<Purpose>): Purpose {
  return { name, required: false, signalHonored: false, minimumNotice: undefined, clause: '2', ...parts }
}

function regime (name: string, otherwise: boolean, defaults: Record<string, boolean> = {}, kinds: string[] = []): Regime {
  return { name, otherwise, defaults: new Map(Object.entries(defaults)), deniedKinds: new Set(kinds) }
}

/** A clock that tests set; a millisecond later at each look. */
export class Clock {
  ms = 1_000
  now = (): number => ++this.ms
}

export interface Fixture {
  readonly store: Store
  readonly clock: Clock
  readonly ledger: ConsentLedger
}

export function openLedger (folder: string, options: Partial<LedgerOptions> = {}): Fixture {
  const clock = new Clock()
  const store = openStore(folder)
  return { store, clock, ledger: new ConsentLedger({ store, now: clock.now, noticeVersion: () => '1.3', randomBytes, vocabulary, ...options }) }
}

export const vocabulary: LedgerOptions['vocabulary'] = {
  purpose: name => policy.purposes.has(name),
  recipient: name => /^r\d$/.test(name),
  category: name => /^c\d$/.test(name),
  device: (_account, device) => device.startsWith('d')
}

const part = (letter: string) => fc.option(fc.constantFrom(`${letter}1`, `${letter}2`), { nil: undefined })

export const scopes: fc.Arbitrary<ConsentScope> = fc.record({ purpose: fc.constantFrom(...PURPOSES), recipient: part('r'), category: part('c'), device: part('d') })
  .map(scope => Object.fromEntries(Object.entries(scope).filter(([, value]) => value !== undefined)) as unknown as ConsentScope)

export const questions = fc.record({ purpose: fc.constantFrom(...PURPOSES, 'unknown'), recipient: fc.constantFrom('r1', 'r2'), category: fc.constantFrom('c1', 'c2'), device: fc.constantFrom('d1', 'd2') })

export const states: fc.Arbitrary<RecordedState> = fc.constantFrom('granted', 'granted', 'denied', 'withdrawn')

export const facts = fc.record({
  regime: fc.constantFrom('opt-in', 'opt-out', 'notice', 'martian'),
  region: fc.constantFrom('eu', 'us'),
  minor: fc.boolean(),
  optOutSignal: fc.boolean()
}, { requiredKeys: [] })

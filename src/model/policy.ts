/**
 * The compiled policy: everything the path of a report needs at run time, and nothing else.
 *
 * Built by `policy/compile.ts` from the checked configuration; immutable; swapped as a whole.
 * Places (`rule`) are spelled `file:line`, the file relative to the configuration folder.
 */

import type { SinkSettings } from './sink-settings.js'

export type ValueType = 'text' | 'number' | 'boolean' | 'time' | 'coordinate'

export type Sensitivity = 'low' | 'medium' | 'high' | 'critical'

export interface Category {
  readonly name: string
  /** JSON forms a value may take; anything else is a type mismatch and suppressed. */
  readonly types: ReadonlySet<ValueType>
  readonly sensitivity: Sensitivity
  /** A person wrote it: tails of a known MAC are looked for as well. */
  readonly freeText: boolean
  /** Closed to every rule (`network.mac`, `network.ip`). */
  readonly never: boolean
  readonly clause: string
}

export interface Purpose {
  readonly name: string
  /** Needed for the service: cannot be refused, and holds for minors. */
  readonly required: boolean
  /** The opt-out signal of an account denies it. */
  readonly signalHonored: boolean
  /** Consent given under an older notice than this does not count, e.g. `1.3`. */
  readonly minimumNotice: string | undefined
  readonly clause: string
}

export interface RecipientKind {
  readonly name: string
  /** `open`: by consent. `recipient-consent`: only with a grant that names the recipient. `aggregate`, `closed`: nothing yet. */
  readonly access: 'open' | 'recipient-consent' | 'aggregate' | 'closed'
  readonly clause: string
}

/** What holds where the ledger says nothing. */
export interface Regime {
  readonly name: string
  readonly defaults: ReadonlyMap<string, boolean>
  readonly otherwise: boolean
  /** Recipient kinds to which the default is no, whatever the purpose (sale-like sharing). */
  readonly deniedKinds: ReadonlySet<string>
}

export type Origin = 'device' | 'integration' | 'partner'

export type TimeFormat = 'epoch-seconds' | 'epoch-milliseconds' | 'iso' | 'local'

export interface CompiledField {
  /** Position in `CompiledReport.fields`. */
  readonly index: number
  /** As written, e.g. `children[].alias`. */
  readonly path: string
  readonly category: Category
  /** The path's last segment is a key placeholder such as `{device.id}`: the field is the key itself. */
  readonly isKey: boolean
  readonly encoding: 'base64' | undefined
  readonly format: TimeFormat | undefined
  readonly axis: 'latitude' | 'longitude' | undefined
  /** Value in the category's unit = raw value × scale. */
  readonly scale: number
  /** Raw value that stands for "not set"; it passes a grid unchanged. */
  readonly unset: number | undefined
  readonly rule: string
}

/** One step of the path matcher. A key is looked up exactly first, then as a key placeholder, then as `*`. */
export interface PathNode {
  readonly exact: ReadonlyMap<string, PathNode>
  readonly keyed: { readonly key: CompiledField, readonly next: PathNode } | undefined
  readonly any: PathNode | undefined
  readonly element: PathNode | undefined
  readonly field: CompiledField | undefined
}

export interface CompiledReport {
  readonly name: string
  /** Levels of the topic after account and device, e.g. `['motion']`. */
  readonly topicTail: readonly string[]
  readonly origin: Origin
  readonly fields: readonly CompiledField[]
  readonly root: PathNode
  readonly rule: string
}

export type Transform =
  | { readonly kind: 'keep' }
  | { readonly kind: 'suppress' }
  /** `step` in the category's unit for numbers, in milliseconds where `ofTime`. */
  | { readonly kind: 'round', readonly step: number, readonly ofTime: boolean }
  /** Ascending lower bounds in the category's unit. */
  | { readonly kind: 'bucket', readonly edges: readonly number[] }
  | { readonly kind: 'grid', readonly sideKm: number }
  | { readonly kind: 'map', readonly values: ReadonlyMap<string, string | number | boolean> }
  | { readonly kind: 'pseudonymize', readonly epochMs: number }
  | { readonly kind: 'part', readonly part: 'hour' | 'weekday' }

/** One `allow` entry. */
export interface AllowRule {
  /** A category, or a family such as `sensor.*`. */
  readonly pattern: string
  readonly transform: Transform
  readonly rule: string
}

export interface CompiledRecipient {
  readonly name: string
  readonly enabled: boolean
  readonly kind: RecipientKind
  readonly purpose: Purpose
  readonly region: string
  readonly reports: ReadonlySet<string>
  readonly excludeOrigins: ReadonlySet<Origin>
  readonly allow: readonly AllowRule[]
  /** By report name, then by field index: the rule for that field, or undefined where none covers it. */
  readonly plans: ReadonlyMap<string, readonly (AllowRule | undefined)[]>
  /** For the envelope's `device` and `time`. */
  readonly deviceRule: AllowRule | undefined
  readonly timeRule: AllowRule | undefined
  /** Disclosures wait until the end of this interval. */
  readonly releaseMs: number | undefined
  readonly sink: SinkSettings
  readonly rule: string
}

export interface ConsentPolicy {
  readonly regimes: ReadonlyMap<string, Regime>
  readonly transfers: ReadonlyMap<string, ReadonlySet<string>>
  /** Region of an account registered without one. */
  readonly defaultRegion: string
  /** Life of a grant recorded without an expiry; absent: it never runs out. */
  readonly grantExpiryMs?: number
}

export interface CompiledPolicy extends ConsentPolicy {
  /** Digest of the sources, letters g–z only. */
  readonly digest: string
  readonly noticeVersion: string
  readonly categories: ReadonlyMap<string, Category>
  readonly purposes: ReadonlyMap<string, Purpose>
  readonly reports: ReadonlyMap<string, CompiledReport>
  /** By the topic's levels after account and device, joined by `/`. */
  readonly reportsByTopic: ReadonlyMap<string, CompiledReport>
  readonly recipients: readonly CompiledRecipient[]
  /** `device.id` and `time.event`, for the envelope. */
  readonly deviceCategory: Category
  readonly timeCategory: Category
  /** Words that may be shown of an unclassified path. */
  readonly nameDictionary: ReadonlySet<string>
}

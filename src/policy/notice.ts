/** The compiled notice: what of it rules name, and what of it people read. */

import type { Category, Purpose, RecipientKind } from '../model/policy.js'

export interface NoticeEdition {
  readonly version: string
  /** `YYYY-MM-DD`. */
  readonly effective: string
  readonly title: string | undefined
}

/** What people read. */
export interface Notice {
  readonly current: NoticeEdition
  readonly previous: readonly NoticeEdition[]
  /** What each clause says, by number. */
  readonly clauses: ReadonlyMap<string, string>
  /** Unit of the numbers of a category, where one is given. */
  readonly units: ReadonlyMap<string, string>
  /** A pseudonym may last this long; absent: the notice does not say. */
  readonly longestEpochMs?: number
}

export interface CompiledNotice extends Notice {
  readonly categories: ReadonlyMap<string, Category>
  readonly purposes: ReadonlyMap<string, Purpose>
  readonly recipientKinds: ReadonlyMap<string, RecipientKind>
}

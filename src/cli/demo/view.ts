/** What the demo shows at one moment: names, counts and reasons; of contents only one disclosure, as it left. */

import type { WithheldReason } from '../../model/reasons.js'
import type { Change } from './change-of-mind.js'

export interface DemoView {
  readonly elapsedMs: number
  readonly gatewayUrl: string
  /** Where file sinks write. */
  readonly filesFolder: string
  readonly homes: number
  readonly devices: { readonly all: number, readonly connected: number }
  readonly cameIn: CameIn
  readonly recipients: readonly RecipientView[]
  /** Each part by itself, then the others in one. */
  readonly residents: readonly ResidentView[]
  readonly addresses: AddressesView
  /** A device that no registry knows. */
  readonly strangers: { readonly tried: number, readonly refused: number }
  readonly change: (Change & { readonly agoMs: number, readonly purpose: string, readonly account: string }) | undefined
  readonly latest: LatestView | undefined
}

export interface CameIn {
  readonly count: number
  readonly perSecond: number
  readonly unreadable: number
  /** Most frequent first. */
  readonly types: readonly { readonly report: string, readonly count: number, readonly perSecond: number, readonly categories: readonly string[] }[]
}

export interface RecipientView {
  readonly name: string
  readonly enabled: boolean
  /** `id`, `time` and so on: kinds of data in what left, most frequent first. */
  readonly categories: readonly string[]
  readonly left: number
  readonly perSecond: number
  /** Decided, and held back for its release interval or its recipient. */
  readonly waiting: number
  readonly waitsUntilMs: number | undefined
  /** Most frequent first, but reports that the recipient does not list last. */
  readonly withheld: readonly { readonly reason: WithheldReason, readonly count: number }[]
}

export interface ResidentView {
  /** Undefined: the others together. */
  readonly account: string | undefined
  readonly label: string
  readonly reported: number
  /** One for each recipient that is switched on, in their order. */
  readonly cells: readonly CellView[]
}

export interface CellView {
  readonly left: number
  readonly waiting: number
  /** What stands against it now; undefined: nothing. */
  readonly reason: WithheldReason | undefined
  /** What left names no device, so nobody can tell whose it was. */
  readonly unlinkable: boolean
}

export interface AddressesView {
  readonly byKind: number
  readonly inText: number
  readonly planted: number
  readonly leaked: number
}

export interface LatestView {
  readonly recipient: string
  readonly line: string
}

/** A second of the gateway, as `/v1/live` tells it. */

export interface Snapshot {
  readonly sequence: number
  readonly atMs: number
  readonly seconds: number
  readonly reports: readonly { readonly report: string, readonly outcome: string, readonly count: number }[]
  readonly flows: readonly Flow[]
  readonly delivered: readonly { readonly recipient: string, readonly count: number }[]
  readonly withheld: readonly { readonly recipient: string, readonly reason: string, readonly count: number }[]
  readonly quarantined: readonly { readonly reason: string, readonly count: number }[]
  readonly refused: readonly { readonly reason: string, readonly count: number }[]
  readonly outbox: readonly Line[]
}

/** What was decided of one category for one recipient; without a reason it may leave. */
export interface Flow {
  readonly report: string
  readonly category: string
  readonly recipient: string
  readonly reason?: string
  readonly count: number
}

export interface Line {
  readonly recipient: string
  readonly waiting: number
  readonly oldestMs?: number
  readonly deadLetters: number
  readonly paused: boolean
  readonly trouble?: string
}

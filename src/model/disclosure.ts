/** What leaves. Only `guard/release.ts` constructs a Disclosure; a cast to it is a lint error. */

declare const released: unique symbol

export interface Disclosure {
  readonly [released]: true
  /** Random, letters g–z, drawn for each recipient; stable across retries. */
  readonly id: string
  readonly recipient: string
  readonly report: string
  /** One line of JSON, UTF-8, without the line feed. */
  readonly bytes: Uint8Array
}

/** What the outbox keeps beside a disclosure. Never leaves itself. */
export type PrivateHeader = ReportHeader | NoticeHeader

/** What was asked when the disclosure was decided; asked again when it leaves. */
export interface ReportHeader {
  readonly erasure?: never
  readonly account: string
  readonly device: string
  readonly policy: string
  /** Fields that the disclosure holds: path, category, canonical spelling of the transform. `device` and `time` of the envelope have the paths `@device` and `@time`. */
  readonly fields: readonly DisclosedField[]
  readonly decidedMs: number
  /** Epoch milliseconds before which it must not leave. */
  readonly notBeforeMs: number
}

/** Of the gateway's own erasure notices: nothing is asked of an account, which may be gone. */
export interface NoticeHeader {
  readonly erasure: true
  readonly account?: never
  readonly device?: never
  readonly fields?: never
  readonly policy: string
  readonly decidedMs: number
  readonly notBeforeMs: number
}

/** The name under which erasure notices leave; no report may bear it. */
export type NoticeName = 'erasure'

export interface DisclosedField {
  readonly path: string
  readonly category: string
  readonly transform: string
}

/**
 * Every operational failure has a stable code; its text may change. `docs/errors.md` lists them, and a test holds both ways.
 *
 * No error bears report content, an address, a client id or a credential.
 */

export const ERRORS = {
  'report-not-taken': 'the report was not taken, nothing of it is lost at the sender, send it again',
  'stage-timeout': 'a stage took longer than limits.stageTimeout',
  'topic-refused': 'the connection has no right to this topic',
  'recipient-not-connected': 'no connection of this recipient is subscribed to its disclosures'
} as const satisfies Record<string, string>

export type ErrorCode = keyof typeof ERRORS

export class CurtilageError extends Error {
  readonly code: ErrorCode
  /** `file:line:column`, a rule or a config path. */
  readonly place: string | undefined

  constructor (code: ErrorCode, message: string = ERRORS[code], place?: string) {
    super(message)
    this.name = 'CurtilageError'
    this.code = code
    this.place = place
  }
}

/** An error with its catalogued text. */
export function errorOf (code: ErrorCode): CurtilageError {
  return new CurtilageError(code)
}

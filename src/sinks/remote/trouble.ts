/**
 * What can go wrong with a server elsewhere, in words of our own.
 *
 * Nothing that a server said, and nothing that the system said beside its code, gets into an error: both hold addresses.
 */

import { CurtilageError, type ErrorCode } from '../../model/errors.js'

/** Longest wait that a server can ask for. */
export const LONGEST_RETRY_AFTER_MS = 3_600_000

export class SinkTrouble extends CurtilageError {
  /** The server asked not to be tried sooner. Milliseconds, at most an hour. */
  readonly retryAfterMs?: number

  constructor (code: ErrorCode, message: string, retryAfterMs?: number) {
    super(code, message)
    if (retryAfterMs !== undefined) this.retryAfterMs = Math.min(Math.max(retryAfterMs, 0), LONGEST_RETRY_AFTER_MS)
  }
}

/** Says it about one sink, such as `the redis sink of analytics`. */
export class Troubles {
  readonly #subject: string

  constructor (protocol: string, recipient: string) {
    this.#subject = `the ${protocol} sink of ${recipient}`
  }

  unreachable (error?: unknown): SinkTrouble {
    return new SinkTrouble('sink-unreachable', `${this.#subject} could not reach its server, or the server broke off (${codeOf(error)})`)
  }

  timedOut (): SinkTrouble {
    return new SinkTrouble('sink-timeout', `${this.#subject} waited for its server in vain`)
  }

  login (): SinkTrouble {
    return new SinkTrouble('sink-login', `${this.#subject} was not let in by its server, or may not write there`)
  }

  /** `what` in words of our own. */
  answer (what: string, retryAfterMs?: number): SinkTrouble {
    return new SinkTrouble('sink-answer', `${this.#subject} got ${what} from its server`, retryAfterMs)
  }

  target (what: string): SinkTrouble {
    return new SinkTrouble('sink-target', `${this.#subject}: ${what}`)
  }

  credential (what: string): SinkTrouble {
    return new SinkTrouble('sink-credential', `${this.#subject}: ${what}`)
  }
}

/** The system's own word, such as ECONNREFUSED; never its text. */
export function codeOf (error: unknown): string {
  const code = (error as { code?: unknown } | undefined)?.code
  return typeof code === 'string' && /^[A-Z][A-Z0-9_]{0,63}$/.test(code) ? code : 'no code'
}

/**
 * Operational errors: one catalog of stable codes, free texts.
 *
 * Append only. `docs/errors.md` lists each code with its meaning; a text never holds the content of a report,
 * an address, a client id or a credential.
 */

export const ERROR_MEANINGS = {
  CURTILAGE_E_STORE_FORMAT: 'the store was written by a newer version of the gateway',
  CURTILAGE_E_STORE_MISSING: 'there is no store in the data folder',
  CURTILAGE_E_STORE_OPEN: 'the store could not be opened',
  CURTILAGE_E_STORE_WRITE: 'the store could not make a write durable; nothing of it was kept',
  CURTILAGE_E_SECRET: 'the secret of the data folder is readable by others, or is not one',
  CURTILAGE_E_LOCKED: 'another gateway or command uses the data folder',
  CURTILAGE_E_CONSENT_INVALID: 'a consent statement is malformed or names something that does not exist',
  CURTILAGE_E_LEDGER_BROKEN: 'the consent ledger does not fit its own chain',
  CURTILAGE_E_ACCOUNT_INVALID: 'an account id or a fact of an account is malformed',
  CURTILAGE_E_ACCOUNT_EXISTS: 'an account of this id is registered already',
  CURTILAGE_E_ACCOUNT_UNKNOWN: 'no account of this id is registered',
  CURTILAGE_E_DEVICE_INVALID: 'a device id, password or address given at registration is malformed',
  CURTILAGE_E_DEVICE_EXISTS: 'a device of this id is registered already, perhaps with another account',
  CURTILAGE_E_DEVICE_UNKNOWN: 'no device of this id is registered',
  CURTILAGE_E_TOKEN_INVALID: 'a role, recipient name or token id is malformed or unknown'
} as const

export type ErrorCode = keyof typeof ERROR_MEANINGS

/** An operational failure with a stable code; `details` holds places and names, for machines. */
export class CurtilageError extends Error {
  readonly code: ErrorCode
  readonly details: Readonly<Record<string, unknown>> | undefined

  constructor (code: ErrorCode, message: string, details?: Readonly<Record<string, unknown>>, options?: ErrorOptions) {
    super(message, options)
    this.name = 'CurtilageError'
    this.code = code
    this.details = details
  }
}

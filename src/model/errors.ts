/**
 * Every operational failure has a stable code; its text may change. `docs/errors.md` lists them, and a test holds both ways.
 *
 * No error bears report content, an address, a client id or a credential.
 */

export const ERRORS = {
  'report-not-taken': 'the report was not taken, nothing of it is lost at the sender, send it again',
  'stage-timeout': 'a stage took longer than limits.stageTimeout',
  'topic-refused': 'the connection has no right to this topic',
  'recipient-not-connected': 'no connection of this recipient is subscribed to its disclosures',
  'outbox-full': 'the outbox holds as many disclosures as it may; nothing was dropped, the report is not acknowledged',
  'outbox-write': 'the outbox could not be written; the report is not acknowledged',
  'outbox-read': 'the outbox could not be read',
  'outbox-journal': 'the journal of the outbox is damaged in its midst, newer than the store, or of another version',
  'outbox-closed': 'the outbox is closed or closing',
  'dead-letters-full': 'a recipient refused as many disclosures for good as may be kept; nothing more is delivered to it',
  'delivery-unsettled': 'a sink neither finished nor gave up what it was sending',
  'file-sink-folder': 'the folder of a file sink cannot be used',
  'file-sink-write': 'a file sink could not write',
  'sink-unreachable': 'the server of a sink could not be reached, or broke off',
  'sink-timeout': 'the server of a sink did not answer in time',
  'sink-login': 'the server of a sink did not let the gateway in, or not write',
  'sink-answer': 'the server of a sink is in trouble, and said so',
  'sink-target': 'the server of a sink has no place for disclosures under the configured name',
  'sink-credential': 'a file with a credential or certificate of a sink cannot be used',
  'store-format': 'the store was written by another version of the gateway',
  'store-migration': 'the store could not be brought to the format of this version',
  'store-missing': 'there is no store in the data folder',
  'store-open': 'the store could not be opened',
  'store-write': 'the store could not make a write durable; nothing of it was kept',
  'secret-unsafe': 'the secret of the data folder is readable by others, or is not one',
  'secret-write': 'the secret of the data folder could not be written',
  'data-gone': 'the data folder was deleted or replaced under the running gateway; nothing is acknowledged',
  'data-locked': 'another gateway or command uses the data folder',
  'consent-invalid': 'a consent statement is malformed or names something that does not exist',
  'ledger-broken': 'the consent ledger does not fit its own chain',
  'replay-write': 'recorded, but the list of what must hold again after a restore could not be written',
  'replay-unreadable': 'the list of what must hold again after a restore cannot be read',
  'backup-invalid': 'a backup is not whole, was changed, or does not belong to the secret',
  'backup-write': 'a backup, or a restored data folder, could not be written',
  'folder-taken': 'the folder for a backup, or for a restored data folder, is not empty',
  'account-invalid': 'an account id or a fact of an account is malformed',
  'account-exists': 'an account of this id is registered already',
  'account-unknown': 'no account of this id is registered',
  'device-invalid': 'a device id, password or address given at registration is malformed',
  'device-exists': 'a device of this id is registered already, perhaps with another account',
  'device-unknown': 'no device of this id is registered',
  'token-invalid': 'a role, recipient name or token id is malformed or unknown',
  'configuration-invalid': 'the configuration has problems; each is listed with its place',
  'policy-unknown': 'no policy of this digest was ever seen',
  'draft-stale': 'another policy has taken the place of the one that the draft was made of',
  'policy-active': 'a policy that is in force needs no approval',
  'policy-not-waiting': 'this policy does not wait for approval',
  'policy-unreadable': 'the policy that was in force, or is asked for, cannot be compiled by this version',
  'approval-refused': 'this token cannot give the approval that is missing',
  'memory-exposed': 'Node was started with an option that writes memory or traffic to disk or screen',
  'listener-failed': 'a listener could not be opened',
  'request-invalid': 'a request, or an option of a command, is malformed; the parts that are wrong are listed',
  'request-too-large': 'a request is larger than this route takes',
  'token-missing': 'the request bears no token that is valid',
  'role-forbidden': 'the role of the token does not allow this',
  'host-refused': 'the request names a host that this console does not answer for',
  'route-unknown': 'the API has no such route',
  'topic-invalid': 'the topic is not one on which this account\'s devices report',
  'try-full': 'as many drafts and reports are tried at once as may',
  'try-overrun': 'a draft or a report took more time or memory than trying it may take',
  'live-full': 'as many watch the live view as may',
  'gateway-absent': 'no gateway runs here, only its data folder is open',
  'api-unreachable': 'a gateway has the data folder, and its API does not answer',
  internal: 'something unforeseen went wrong; nothing of the request is logged'
} as const satisfies Record<string, string>

export type ErrorCode = keyof typeof ERRORS

export class CurtilageError extends Error {
  readonly code: ErrorCode
  /** `file:line:column`, a rule or a config path. */
  readonly place: string | undefined

  constructor (code: ErrorCode, message: string = ERRORS[code], place?: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'CurtilageError'
    this.code = code
    this.place = place
  }
}

/** An error with its catalogued text. */
export function errorOf (code: ErrorCode): CurtilageError {
  return new CurtilageError(code)
}

/** What holds up a delivery, in a few words; the code stands in docs/errors.md. */

import type { ErrorCode } from '../../../model/errors.js'

const WORDS: Readonly<Partial<Record<ErrorCode, string>>> = {
  'recipient-not-connected': 'nobody is subscribed',
  'sink-unreachable': 'server not reachable',
  'sink-timeout': 'server too slow',
  'sink-login': 'server refuses the login',
  'sink-answer': 'server in trouble',
  'sink-target': 'server lacks the place',
  'sink-credential': 'credential file not usable',
  'dead-letters-full': 'too many dead letters',
  'file-sink-folder': 'folder not usable',
  'file-sink-write': 'file not writable',
  'outbox-write': 'outbox not writable',
  'outbox-read': 'outbox not readable',
  'store-write': 'store not writable'
}

export function troubleText (code: string): string {
  return Object.hasOwn(WORDS, code) ? WORDS[code as ErrorCode] ?? code : code
}

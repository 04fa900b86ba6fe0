/** Why the gate closes a connection. */

import type { RefusedReason } from '../../model/reasons.js'

export type GateReason = Extract<RefusedReason,
  'packet-too-large' | 'malformed-packet' | 'unexpected-packet' | 'protocol-version' | 'wildcard' | 'connect-timeout' | 'slow-consumer' | 'buffers-full'>

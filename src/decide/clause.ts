/** The notice's clause behind each reason for withholding. */

import type { CompiledRecipient } from '../model/policy.js'
import type { WithheldReason } from '../model/reasons.js'

/** Clause of a reason; where consent decides it is the purpose's, or the kind's where the kind demands its own consent. */
export function clauseOf (reason: WithheldReason, recipient: CompiledRecipient): string {
  switch (reason) {
    case 'region': return '5'
    case 'origin': return '1.3'
    case 'minor': return '10'
    case 'opt-out-signal': return '7'
    case 'notice-version': return 'head'
    case 'erased': return '9'
    case 'recipient-kind-closed': return recipient.kind.clause
    default: return recipient.kind.access === 'recipient-consent' ? recipient.kind.clause : recipient.purpose.clause
  }
}

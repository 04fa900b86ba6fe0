/** What sets an account apart: a minor's, or with an opt-out signal. */

import { Badge } from '../../parts/badge.js'
import type { AccountFacts } from './account-data.js'

export function FactBadges ({ facts: { minor, optOutSignal } }: { facts: Pick<AccountFacts, 'minor' | 'optOutSignal'> }) {
  if (!minor && !optOutSignal) return <span class='soft'>none</span>
  return (
    <span class='row'>
      {minor && <Badge tone='stays'>a minor's</Badge>}
      {optOutSignal && <Badge tone='stays'>opt-out signal</Badge>}
    </span>
  )
}

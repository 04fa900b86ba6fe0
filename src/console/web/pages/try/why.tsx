/** The grounds of a decision: rule, consent, clause of the notice. */

import { RuleLink, type OnRule } from '../../parts/rule-link.js'

interface Grounds {
  readonly rule: string | null
  readonly consent: string | null
  readonly clause: string | null
}

/** `given`: the consent that the report as a whole stands on; it is not told again of each value. */
export function Why ({ why: { rule, consent, clause }, given, onRule }: { why: Grounds, given?: string | null, onRule: OnRule }) {
  return (
    <small class='why'>
      {rule !== null && <RuleLink rule={rule} onRule={onRule} />}
      {consent !== null && consent !== given && <span>{consentText(consent)}</span>}
      {clause !== null && <span>clause {clause}</span>}
    </small>
  )
}

/** Ids of records are of no use here: they stand for the row of what was said. */
function consentText (consent: string): string {
  if (consent === 'required') return 'needed for the service'
  const [kind, name = ''] = consent.split(':')
  if (kind === 'regime') return `by regime ${name}`
  if (kind === 'fact') return `by mark ${name}`
  return 'by consent record'
}

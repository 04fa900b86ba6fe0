/** One change of a policy in words: what becomes possible, or no longer is. */

import type { Change } from '../policy/order.js'
import type { Situation } from '../policy/situation.js'
import { transformText } from './transform-text.js'

type Words = (change: Change) => string

const ARROW = ' -> '

/** By the first word of what differs, or by all of it. */
const WORDS: Readonly<Record<string, Words>> = {
  recipient: either('a new recipient', 'the recipient is gone'),
  'switched on': either('switched on', 'switched off'),
  report: ({ effect, report }) => effect === 'narrower' ? `no longer gets the report ${report}` : `gets the report ${report}`,
  origin: ({ effect, report }) => effect === 'narrower' ? `its origin is excluded: no report ${report}` : `its origin is no longer excluded: gets the report ${report}`,
  topic: change => `report ${change.report} comes on another topic: ${arrow(change)}`,
  field: change => `${subject(change)}: ${change.effect === 'narrower' ? `stays (was ${transformText(change.old)})` : `leaves, ${transformText(change.new)}`}`,
  transform: change => `${subject(change)}: ${transformText(change.old)}${ARROW}${transformText(change.new)}`,
  key: change => `${subject(change)}: the key itself, ${transformText(change.old)}${ARROW}${transformText(change.new)}`,
  category: change => `${change.path}: of another category, ${arrow(change)}`,
  type: change => `${subject(change)}: takes ${arrow(change)}`,
  spelling: change => `${change.path}: read as ${arrow(change)}`,
  coordinates: change => `${subject(change)}: coordinates are paired, or cut into cells, in another way`,
  'no free text': either('text is no longer searched for tails of known addresses', 'text is searched for tails of known addresses'),
  regime: change => `accounts under regime ${rest(change)} that said nothing: ${arrow(change)}`,
  transfer: change => `accounts in ${rest(change).replace(/^from /, '')}: ${change.effect === 'narrower' ? 'transfer no longer allowed' : 'transfer allowed'}`,
  'purpose required': either('the purpose is required now: no consent is asked', 'the purpose is not required any more: consent is asked'),
  'opt-out signal ignored': either('the opt-out signal no longer denies the purpose', 'the opt-out signal denies the purpose'),
  'notice demanded': change => `consent counts if given under notice ${change.old ?? 'any'}${ARROW}${change.new ?? 'any'}`,
  access: change => `what its kind needs: ${arrow(change)}`,
  'consent asked': change => `asks for consent to ${arrow(change)}`,
  consent: either('accounts reach it that did not', 'accounts no longer reach it'),
  purpose: change => `purpose: ${arrow(change)}`,
  kind: change => `kind: ${arrow(change)}`,
  region: change => `region: ${arrow(change)}`,
  sink: change => `goes elsewhere: ${arrow(change)}`,
  release: change => `held until the end of an interval: ${arrow(change, 'not held')}`,
  notice: change => `notice version ${arrow(change)}`,
  'default region': change => `accounts added without a region are in ${arrow(change)}`,
  'life of grants': change => `grants without an expiry last ${arrow(change)}`,
  'longest report': change => `the longest report that is read: ${arrow(change)}`
}

export function changeWords (change: Change): string {
  const words = WORDS[change.aspect] ?? WORDS[change.aspect.split(' ')[0] ?? '']
  return words === undefined ? `${change.aspect}: ${arrow(change)}` : words(change)
}

/** `an account in eu under opt-in that granted improve-products`. */
export function situationWords ({ regime, region, minor, optOutSignal, consents }: Situation): string {
  const marks = [...(minor ? ['a minor\'s'] : []), ...(optOutSignal ? ['with the opt-out signal'] : [])].map(mark => `, ${mark},`)
  const said = consents.map(({ state, purpose, recipient, notice }) => `${state} ${purpose}${recipient === undefined ? '' : ` to ${recipient}`} (notice ${notice})`)
  return `an account in ${region} under ${regime}${marks.join('').replaceAll(',,', ',')} that ${said.length === 0 ? 'said nothing' : said.join(' and ')}`
}

/** A category; of the envelope, which part. */
function subject ({ category, path }: Change): string {
  if (path?.startsWith('@') === true) return `${path.slice(1)} of the envelope`
  return category ?? path ?? ''
}

function arrow ({ old, new: next }: Change, none = 'none'): string {
  return `${old ?? none}${ARROW}${next ?? none}`
}

function rest ({ aspect }: Change): string {
  return aspect.slice(aspect.indexOf(' ') + 1)
}

function either (more: string, less: string): Words {
  return ({ effect }) => effect === 'narrower' ? less : more
}

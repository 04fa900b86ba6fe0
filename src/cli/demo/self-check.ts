/** What the demo holds against its own gateway at the end. Each line is a promise kept, or loudly not. */

import type { Part } from './cast.js'
import type { Play } from './play.js'
import { count } from './words.js'

export interface Checked {
  readonly ok: boolean
  readonly text: string
}

export function selfCheck (play: Play): Checked[] {
  return [addresses(play), completeness(play), closedHomes(play), withdrawals(play), strangers(play)]
}

function addresses ({ planted, departures, findable }: Play): Checked {
  const leaked = departures.leaked.size
  const control = `the same search finds ${count(findable)} of them in what the devices send`
  return { ok: leaked === 0 && findable > 0, text: `${count(leaked)} of ${count(planted.size)} planted addresses left (${control})` }
}

/** The check is worth something only if everything that left was looked at, and its home known. */
function completeness ({ departures, arrivals, running }: Play): Checked {
  const { recipients } = running.gateway.core.configuration.policy
  const delivered = [...arrivals.delivered.values()].reduce((sum, number) => sum + number, 0)
  const isWhole = recipients.every(({ name, deviceRule }) => departures.of(name).meter.count >= (arrivals.delivered.get(name) ?? 0) && (deviceRule === undefined || departures.of(name).unattributed === 0))
  return { ok: isWhole, text: `${count(departures.total())} disclosures searched, of ${count(delivered)} delivered; each put down to its home where it names a device` }
}

function closedHomes ({ residents, departures, waiting, running }: Play): Checked {
  const { policy } = running.gateway.core.configuration
  const open = residents.flatMap(({ part, home }) => part === undefined ? [] : policy.recipients.filter(recipient => mustBeClosed(part, recipient, policy) && departures.count(recipient.name, home.account) + waiting.of(recipient.name, home.account) > 0))
  return { ok: open.length === 0, text: `${count(open.length)} homes gave anything to a recipient closed to them (a minor's, nothing granted, opt-out signal, other region, not named)` }
}

function mustBeClosed (part: Part, ...[recipient, policy]: Parameters<Part['closedTo']>): boolean {
  return !recipient.enabled || part.closedTo(recipient, policy)
}

function withdrawals ({ mind }: Play): Checked {
  if (mind === undefined) return { ok: false, text: 'no home changed its mind' }
  const { strayed, withdrawals, failures } = mind
  return { ok: strayed === 0 && failures === 0, text: `${count(strayed)} disclosures left after a withdrawal was answered (${withdrawals === 1 ? '1 withdrawal' : `${count(withdrawals)} withdrawals`}${failures > 0 ? `, ${count(failures)} requests failed` : ''})` }
}

function strangers ({ strangers, arrivals, neighborhood }: Play): Checked {
  const { tried = 0, admitted = 0 } = strangers ?? {}
  const own = neighborhood?.refused() ?? 0
  const others = own === 0 ? '' : `; ${count(own)} registered devices were refused, too`
  return { ok: admitted === 0 && tried > 0 && own === 0, text: `the unknown device was refused at CONNECT ${count(tried - admitted)} of ${count(tried)} times (counted by the gateway: ${count(arrivals.refused)})${others}` }
}

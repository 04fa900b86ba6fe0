/** The demo in a line of text, for pipes and logs. */

import type { DemoView } from './view.js'
import { clock, count, rate } from './words.js'

export function plainLine (view: DemoView): string {
  const { cameIn, recipients, addresses, strangers, devices } = view
  const left = recipients.filter(({ enabled }) => enabled).map(({ name, left: gone, waiting }) => `${name} ${count(gone)}${waiting > 0 ? ` (${count(waiting)} wait)` : ''}`)
  const withheld = recipients.filter(({ enabled }) => enabled).flatMap(recipient => recipient.withheld).reduce((sum, one) => sum + one.count, 0)
  return [
    clock(view.elapsedMs),
    `${devices.connected}/${devices.all} devices`,
    `in ${count(cameIn.count)} (${rate(cameIn.perSecond)})`,
    `left: ${left.join(', ')}`,
    `withheld ${count(withheld)}`,
    `addresses kept in ${count(addresses.byKind + addresses.inText)}`,
    `unknown device refused ${strangers.refused}`
  ].join('  ')
}

/** A line for the moment at which a home changes its mind. */
export function changeOfMindLine ({ state, account, purpose }: Exclude<DemoView['change'], undefined>): string {
  return `       ${account} ${state === 'granted' ? 'gives its consent again to' : 'withdraws its consent to'} ${purpose}`
}

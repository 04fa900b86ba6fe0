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

/** A line for the moment at which a home changes its mind; undefined where it has not since `sinceMs`. */
export function changeOfMindLine ({ elapsedMs, change }: DemoView, sinceElapsedMs: number): string | undefined {
  if (change === undefined || elapsedMs - change.agoMs <= sinceElapsedMs || sinceElapsedMs === 0) return undefined
  const what = change.state === 'granted' ? 'gives its consent again to' : 'withdraws its consent to'
  return `${clock(elapsedMs - change.agoMs)}  ${change.account} ${what} ${change.purpose}`
}

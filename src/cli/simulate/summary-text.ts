/** The end of a simulation in words. */

import type { Summary } from '../../../simulators/simulate.js'
import { table } from '../table.js'
import { colors, width } from '../terminal.js'

export function summaryText (summary: Summary): string {
  const { homes, devices, connected, refused, elapsedMs, sent, acknowledged, failed, postponed, reconnects, byReport, misbehaviors } = summary
  const seconds = elapsedMs / 1000
  const deeds = Object.entries(misbehaviors)
  return [
    `${homes} homes, ${connected} of ${devices} devices connected, ${refused} refused, ${reconnects} reconnects, ${seconds.toFixed(1)} s`,
    `${sent} reports sent, ${acknowledged} acknowledged (${(acknowledged / Math.max(0.001, seconds)).toFixed(1)}/s), ${failed} failed, ${postponed} postponed`,
    ...(sent === 0 ? [] : ['', table([['REPORT', 'SENT'], ...Object.entries(byReport).map(([report, count]) => [report, String(count)])], width())]),
    ...(deeds.length === 0 ? [] : ['', table([['MISDEED', 'EXPECTED', 'TRIED', 'SO ANSWERED'], ...deeds.map(deedRow)], width())]),
    ...(connected === 0 ? ['', 'No device was admitted. Is this the address of a gateway, and does it know these homes? See curtilage simulate --help'] : [])
  ].join('\n')
}

function deedRow ([name, { expected, tried, asExpected }]: [string, Summary['misbehaviors'][string]]) {
  const text = `${asExpected}`
  return [name, expected, String(tried), asExpected === tried ? text : { text: `${text}  WRONG`, style: colors.red }]
}

/** A simulation in one line of text, for a terminal or a log. */

import type { Progress } from './simulate.js'

export function progressLine (progress: Progress): string {
  const { homes, devices, connected, refused, sent, acknowledged, inFlight, failed, acknowledgedPerSecond, elapsedMs } = progress
  const parts = [
    `${Math.round(elapsedMs / 1000)} s`,
    `${homes} homes`,
    `${connected}/${devices} devices`,
    ...(refused > 0 ? [`${refused} refused`] : []),
    `${sent} sent`,
    `${acknowledged} acknowledged`,
    `${inFlight} in flight`,
    ...(failed > 0 ? [`${failed} failed`] : []),
    `${acknowledgedPerSecond.toFixed(1)}/s`
  ]
  return parts.join('  ')
}

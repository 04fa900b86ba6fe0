/** What must hold for a rate to be one: all arrives, once, without an address, and what was acknowledged is on disk. */

import { statfsSync } from 'node:fs'
import { GATEWAY, PLAIN } from './peers.js'
import type { RelayFigure, RelayResult } from './relay.js'

/** statfs(2): TMPFS_MAGIC. */
const TMPFS = 0x01021994
/** Of its core; beyond, the load is what is measured. */
const MOST_LOAD_SHARE = 0.8

/** What does not hold, in words. */
export function checksOf ({ figures }: Pick<RelayResult, 'figures'>, folder: string): string[] {
  const measured = figures.filter(({ peer }) => peer === GATEWAY.name || peer === PLAIN.name)
  return [
    ...measured.flatMap(all),
    ...figures.flatMap(arrives),
    ...clean(gatewayOf(figures)),
    ...figures.filter(({ peer, leaking }) => peer === PLAIN.name && leaking?.leaking === 0).map(() => 'addresses are not found where nothing is filtered'),
    ...measured.filter(({ loadShare }) => (loadShare?.median ?? 0) > MOST_LOAD_SHARE).map(({ peer }) => `${peer}: the load has no core left, and is the limit`),
    ...figures.some(({ kept }) => kept !== undefined) && !isOnDisk(folder) ? ['the folder for temporary files is no disk'] : []
  ]
}

export function gatewayOf (figures: readonly RelayFigure[]): RelayFigure {
  const own = figures.find(({ peer }) => peer.startsWith(GATEWAY.name))
  if (own === undefined) throw new TypeError('the gateway is always measured')
  return own
}

/** What is in a file there is not in memory alone. */
export function isOnDisk (folder: string): boolean {
  return statfsSync(folder).type !== TMPFS
}

/** Nothing is lost, nothing comes twice, nothing stays without its PUBACK. */
export function all ({ peer, samples, lost = 0 }: RelayFigure): string[] {
  const unacknowledged = samples.reduce((sum, { unacknowledged }) => sum + unacknowledged, 0)
  return [
    ...lost === 0 ? [] : [`${peer}: ${Math.abs(lost)} reports too ${lost > 0 ? 'few' : 'many'} arrive`],
    ...unacknowledged === 0 ? [] : [`${peer}: ${unacknowledged} reports without PUBACK`]
  ]
}

/** No address leaves the gateway, and what it acknowledged outlives a kill. */
export function clean ({ leaking, kept }: RelayFigure): string[] {
  return [
    ...leaking !== undefined && leaking.checked > 0 && leaking.leaking === 0 ? [] : [`an address in ${leaking?.leaking ?? 0} of ${leaking?.checked ?? 0} disclosures`],
    ...kept === undefined || (kept.acknowledged > 0 && kept.arrived >= kept.acknowledged) ? [] : [`${kept.arrived} of ${kept.acknowledged} acknowledged reports after a kill`]
  ]
}

function arrives ({ peer, absent, samples }: RelayFigure): string[] {
  return absent === undefined && samples.every(({ perSecond }) => perSecond === 0) ? [`${peer}: nothing arrives`] : []
}

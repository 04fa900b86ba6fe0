/** The first tier: what is an address by its syntax, in one view of a text. */

import { findIpv4 } from './ipv4.js'
import { findIpv6 } from './ipv6.js'
import { findMacs } from './mac.js'
import { findReverseNames } from './reverse-name.js'
import { canHoldAddress } from './traits.js'
import { findUrlHosts } from './url-host.js'
import type { Found } from './finder.js'
import type { View } from './views.js'

const FEWEST_MAC_DIGITS = 9

/** Hands every address to the sink; true if the sink stopped it. Linear in the view. */
export function findAddresses (view: View, sink: (found: Found) => boolean): boolean {
  const { text, traits, hexRuns, digitRuns } = view
  if (!canHoldAddress(traits)) return false
  const takeIp = (canonical: string): boolean => sink({ kind: 'ip', canonical })
  if (traits.looseHex >= FEWEST_MAC_DIGITS && findMacs(text, hexRuns, hex => sink({ kind: 'mac', canonical: hex }))) return true
  if (traits.digits > 0 && findIpv4(text, digitRuns, takeIp)) return true
  if (traits.colons >= 2 && findIpv6(text, hexRuns, takeIp)) return true
  if (traits.colons >= 1 && findUrlHosts(text, takeIp)) return true
  return traits.dots > 8 && findReverseNames(text, takeIp)
}

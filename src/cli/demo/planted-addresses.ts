/** The addresses that the demo's devices send, and how many of them a search for leaks can find at all. */

import type { Secret, SecretKind } from '../../../simulators/planted.js'
import type { Resident } from './cast.js'
import type { LeakSearch } from './leak-search.js'

const ADDRESS_KINDS: ReadonlySet<SecretKind> = new Set(['mac', 'neighbor-mac', 'ip'] as const)

export function plantedAddresses (residents: readonly Resident[]): Set<Secret> {
  return new Set(residents.flatMap(({ home }) => home.planted.filter(({ kind }) => ADDRESS_KINDS.has(kind))))
}

/** Searches one of each report of each device, raw: a search that finds nothing there would prove nothing. */
export function findableIn (residents: readonly Resident[], search: LeakSearch<Secret>, epochMs: number): number {
  const found = new Set<Secret>()
  for (const { home } of residents) {
    for (const device of home.devices) {
      for (const { payload } of device.reports(epochMs)) for (const secret of search.find(payload.toString())) found.add(secret)
    }
  }
  return found.size
}

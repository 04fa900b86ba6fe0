/** Keys and ids of reports that nobody keeps: the shape is right, and nothing can be linked by them. */

import { randomBytes } from 'node:crypto'
import type { PseudonymKeys } from '../minimize/pseudonym.js'
import { DisclosureIds } from '../rights/disclosure-id.js'

export function anyKeys (): PseudonymKeys {
  const gatewayKey = randomBytes(32)
  return { gatewayKeyAt: () => gatewayKey, accountKey: randomBytes(32) }
}

export function anyId (): string {
  return new DisclosureIds().next(randomBytes(32))
}

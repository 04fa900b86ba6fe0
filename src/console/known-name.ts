/** Names that a request gives and the policy in force must know. */

import { CurtilageError, type ErrorCode } from '../model/errors.js'
import { nearestName } from '../policy/nearest-name.js'

const FEW = 8

/** Throws with the nearest known name, or with all where they are few; never with the name that was given. */
export function checkKnown (code: ErrorCode, noun: string, name: string | undefined, known: Iterable<string>): void {
  const names = [...known]
  if (name === undefined || names.includes(name)) return
  const nearest = nearestName(name, names)
  const offer = nearest !== undefined ? `, did you mean '${nearest}'?` : names.length <= FEW ? `: it is one of ${names.join(', ')}` : ''
  throw new CurtilageError(code, `unknown ${noun}${offer}`)
}

/** What a record speaks about: which questions it answers, and which other records it covers. */

import type { ConsentScope } from '../model/consent.js'

/** `a` covers `b` if every part of `a` is absent or equal to that part of `b`; a question is a scope with all parts. */
export function covers (a: ConsentScope, b: ConsentScope): boolean {
  return a.purpose === b.purpose &&
    (a.recipient === undefined || a.recipient === b.recipient) &&
    (a.category === undefined || a.category === b.category) &&
    (a.device === undefined || a.device === b.device)
}

/** A record cancels every older one whose scope it covers; the newest stands last. */
export function withRecord<R extends ConsentScope> (records: readonly R[], added: R): R[] {
  const left = records.filter(record => !covers(added, record))
  left.push(added)
  return left
}

/** Of the records that cover a question, those that cover no other of them: the narrowest. */
export function narrowest<R extends ConsentScope> (records: readonly R[], question: ConsentScope): R[] {
  const asked = records.filter(record => covers(record, question))
  if (asked.length < 2) return asked
  return asked.filter(record => !asked.some(other => other !== record && covers(record, other) && !covers(other, record)))
}

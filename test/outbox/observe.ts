/** Steps that an outbox is put through, with crashes, and what can be seen of it meanwhile. */

import * as fc from 'fast-check'
import type { Outbox, OutboxItem } from '../../src/outbox/contract.js'
import { entryOf } from '../contract/disclosure-of.js'
import { getToKnow, ids } from '../contract/outbox-contract.js'

export type Step =
  | { readonly do: 'append', readonly recipients: string[], readonly account: string, readonly notBeforeMs: number, readonly packet: number, readonly redelivered: boolean }
  | { readonly do: 'claim', readonly recipient: string, readonly max: number, readonly nowMs: number }
  | { readonly do: 'ack' | 'nack' | 'withhold', readonly picks: number[] }
  | { readonly do: 'refuse', readonly picks: number[] }
  | { readonly do: 'retry' | 'discard', readonly recipient: string, readonly oneOf: number }
  | { readonly do: 'pause' | 'resume', readonly recipient: string }
  | { readonly do: 'purge', readonly account: string }
  | { readonly do: 'crash' }

const recipient = fc.constantFrom('analytics', 'health', 'home')
const account = fc.constantFrom('a', 'b')
export const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constant('append'), recipients: fc.uniqueArray(recipient, { minLength: 1 }), account, notBeforeMs: fc.nat(5), packet: fc.nat(40), redelivered: fc.boolean() }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('claim'), recipient, max: fc.integer({ min: 1, max: 4 }), nowMs: fc.nat(6) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constantFrom('ack', 'nack', 'withhold'), picks: fc.array(fc.nat(9), { minLength: 1, maxLength: 4 }) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('refuse'), picks: fc.array(fc.nat(9), { minLength: 1, maxLength: 4 }) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('retry', 'discard'), recipient, oneOf: fc.nat(2) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('pause', 'resume'), recipient }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('purge'), account }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('crash') }) }
)

/** One run of the steps; what it returns is all that can be seen of the outbox. */
export async function observe (make: () => Outbox, steps: readonly Step[]): Promise<unknown[]> {
  const seen: unknown[] = []
  let outbox = make()
  await getToKnow(outbox)
  let claimed: OutboxItem[] = []
  for (const [i, step] of steps.entries()) {
    switch (step.do) {
      case 'append': {
        const entries = step.recipients.map(recipient => entryOf({ id: `${recipient}${i}`, recipient, account: step.account, notBeforeMs: step.notBeforeMs }))
        const key = { device: 'plug', fingerprint: `p${step.packet}`, packetId: step.packet, redelivered: step.redelivered }
        seen.push(await outbox.append(entries, key).catch((error: { code: string }) => error.code))
        break
      }
      case 'claim': {
        const items = outbox.claim(step.recipient, step.max, step.nowMs)
        claimed.push(...items)
        seen.push(ids(items))
        break
      }
      case 'refuse': {
        const picked = claimed.filter((_, at) => step.picks.includes(at))
        claimed = claimed.filter(item => !picked.includes(item))
        for (const { recipient, sequence } of picked) await outbox.ack(recipient, [], [{ sequence, reason: 'http-422' }])
        break
      }
      case 'retry':
      case 'discard': {
        let nth = 0
        const changed = outbox[step.do](letter => letter.recipient === step.recipient && nth++ % 3 === step.oneOf)
        seen.push(await (changed as Promise<unknown>).catch((error: { code: string }) => error.code))
        break
      }
      case 'pause':
        await outbox.pause(step.recipient, { reason: `step ${i}`, by: 'ops', atMs: i })
        break
      case 'resume':
        await outbox.resume(step.recipient)
        break
      case 'purge':
        seen.push(await outbox.purge(({ account }) => account === step.account))
        break
      case 'crash':
        outbox = make()
        claimed = []
        break
      default: {
        const picked = claimed.filter((_, at) => step.picks.includes(at))
        claimed = claimed.filter(item => !picked.includes(item))
        for (const { recipient, sequence } of picked) {
          if (step.do === 'withhold') await outbox.withhold(recipient, [sequence], 'minor')
          else await outbox[step.do](recipient, [sequence])
        }
      }
    }
    seen.push(outbox.deadLetters())
    for (const recipient of ['analytics', 'health', 'home']) seen.push([outbox.depth(recipient), outbox.pauseOf(recipient), outbox.deadLetterRoom(recipient), outbox.oldestMs(recipient), outbox.nextDueMs(recipient) !== undefined])
    seen.push(outbox.recipients().sort())
  }
  return seen
}

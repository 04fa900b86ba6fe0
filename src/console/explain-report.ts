/** Takes a report through the path without any effect, and tells why each field leaves or stays. */

import { publishRight } from '../broker/topics.js'
import { explain, type Explanation } from '../explain.js'
import { CurtilageError } from '../model/errors.js'
import { takeReport, type PathContext } from '../pipeline.js'

export interface ReportToExplain {
  readonly account: string
  /** `kasa/{account}/{device}/{report}`. */
  readonly topic: string
  readonly payload: Uint8Array
}

/** @throws CurtilageError topic-invalid */
export function explainReport ({ account, topic, payload }: ReportToExplain, nowMs: number, contextFor: (device: string) => PathContext): Explanation {
  const device = topic.split('/')[2] ?? ''
  const right = publishRight({ kind: 'device', account, device }, topic, false)
  if (device === '' || right.kind !== 'report') throw new CurtilageError('topic-invalid', 'the topic must be kasa/{account}/{device}/{report}, with the account that is asked about')
  const context = contextFor(device)
  const intake = { account, device, topicTail: right.topicTail, payload, receivedMs: nowMs, surroundings: [device, right.topicTail] }
  return explain(takeReport(intake, context), context.policy.nameDictionary)
}

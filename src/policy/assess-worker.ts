/** The thread in which configurations are compiled. What is wrong with one is in the answer; a throw is a fault of ours. */

import { parentPort } from 'node:worker_threads'
import { Assessor, type Assessment, type Draft } from './assess.js'

export type Answer = Assessment | { readonly failed: true }

const assessor = new Assessor()

parentPort?.on('message', (draft: Draft) => parentPort?.postMessage(answerOf(draft)))

function answerOf (draft: Draft): Answer {
  try {
    return assessor.assess(draft)
  } catch {
    return { failed: true }
  }
}

/** The thread in which configurations are compiled. What is wrong with one is in the answer; a throw is a fault of ours. */

import { parentPort } from 'node:worker_threads'
import { Assessor, type Assessment, type Compared, type Draft, type Pair } from './assess.js'

export type Question = Draft | Pair
export type Answer = Assessment | Compared | { readonly failed: true }

const assessor = new Assessor()

parentPort?.on('message', (question: Question) => parentPort?.postMessage(answerOf(question)))

function answerOf (question: Question): Answer {
  try {
    return 'old' in question ? assessor.compare(question) : assessor.assess(question)
  } catch {
    return { failed: true }
  }
}

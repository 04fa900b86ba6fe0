/** The thread in which drafts are tried: compiling one takes as long as thousands of reports, which must not wait for it. */

import { parentPort } from 'node:worker_threads'
import { Attempts, type Attempt, type Attempted } from './attempt.js'

/** What is wrong with the draft is in the answer; a throw is a fault of ours, whose text may hold what was tried. */
export type Answer = { readonly attempted: Attempted } | { readonly failed: true }

const attempts = new Attempts()

parentPort?.on('message', (attempt: Attempt) => parentPort?.postMessage(answerOf(attempt)))

function answerOf (attempt: Attempt): Answer {
  try {
    return { attempted: attempts.try(attempt) }
  } catch {
    return { failed: true }
  }
}

/**
 * Answers to what a connection publishes, given in the order of the packets though reports become final in any order.
 *
 * MQTT 3.1.1 [MQTT-4.6.0-2], [MQTT-4.6.0-3]. It is also what makes redeliveries findable: whatever a device sends again after
 * a break is among the last few that were appended, since nothing is answered past a report that waits.
 */

import type { Client } from 'aedes'

type Answer = (error?: Error | null) => void

/** Frees the place behind it. */
interface Place {
  given: boolean
  next: (() => void) | undefined
}

export class AnswersInOrder {
  readonly #last = new WeakMap<Client, Place>()

  /** The next place of the connection. An error is passed on at once: it closes the connection. To be answered once. */
  place (client: Client | null, answer: Answer): Answer {
    if (client === null) return answer
    const before = this.#last.get(client)
    const own: Place = { given: false, next: undefined }
    this.#last.set(client, own)
    const give = (error?: Error | null): void => {
      own.given = true
      answer(error)
      own.next?.()
    }
    return error => {
      if (error != null || before === undefined || before.given) give(error)
      else before.next = give
    }
  }
}

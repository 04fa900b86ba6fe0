/** The refusal of an append for which there is no room, and whose line takes the room. */

import { CurtilageError } from '../model/errors.js'

export class OutboxFull extends CurtilageError {
  /** Takes the most of the room. */
  readonly recipient: string

  constructor (recipient: string, message: string) {
    super('outbox-full', message)
    this.recipient = recipient
  }
}

/**
 * INVARIANT: after a withdrawal or an erasure is acknowledged, nothing more of it leaves.
 *
 * First it is recorded; whatever is handed to a sink from then on was asked about after the record. Then what was handed
 * over before is waited for, or aborted; only then the request is answered.
 */

import { CurtilageError } from '../model/errors.js'
import type { Services } from './services.js'

/** Throws CurtilageError delivery-unsettled: it is recorded and holds, and may be asked for again. */
export async function settleDelivery ({ gateway }: Services): Promise<void> {
  try {
    await gateway?.delivery.settle()
  } catch (error) {
    if (!(error instanceof CurtilageError) || error.code !== 'delivery-unsettled') throw error
    throw new CurtilageError('delivery-unsettled', 'recorded, but a sink has neither finished nor given up what it was sending before: ask again')
  }
}

/** A scalar of a report, read again from where it stands. */

import type { Scalar } from '../model/json.js'

export function scalarAt (bytes: Uint8Array, start: number, end: number): Scalar {
  return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('utf8')) as Scalar
}

/** JSON as the gateway sees it, after decoding (RFC 8259). */

export type Scalar = null | boolean | number | string
export type Json = Scalar | Json[] | { [key: string]: Json }

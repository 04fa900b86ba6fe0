/**
 * When lists of revoked certificates run out (RFC 5280, section 5.1), which Node does not tell.
 *
 * ```
 * CertificateList ::= SEQUENCE { tbsCertList, signatureAlgorithm, signature }
 * TBSCertList     ::= SEQUENCE { version INTEGER?, signature SEQUENCE, issuer SEQUENCE, thisUpdate Time, nextUpdate Time?, … }
 * Time            ::= UTCTime YYMMDDHHMMSSZ | GeneralizedTime YYYYMMDDHHMMSSZ
 * ```
 */

const SEQUENCE = 0x30
const UTC_TIME = 0x17
const GENERALIZED_TIME = 0x18

/** The first of them, in epoch milliseconds; undefined where none says so, or it cannot be read. */
export function revocationEndsMs (pem: string): number | undefined {
  const blocks = [...pem.matchAll(/-----BEGIN X509 CRL-----([^-]*)-----END X509 CRL-----/g)]
  const ends = blocks.flatMap(([, base64 = '']) => endOf(Buffer.from(base64, 'base64')) ?? [])
  return ends.length === 0 ? undefined : Math.min(...ends)
}

function endOf (der: Buffer): number | undefined {
  const list = elements(der)[0]
  const signed = list === undefined ? undefined : elements(list.content)[0]
  if (signed?.tag !== SEQUENCE) return undefined
  const [, nextUpdate] = elements(signed.content).filter(({ tag }) => tag === UTC_TIME || tag === GENERALIZED_TIME)
  return nextUpdate === undefined ? undefined : timeOf(nextUpdate)
}

interface Element {
  readonly tag: number
  readonly content: Buffer
}

/** Those that stand one after the other; what is cut off is left out. */
function elements (bytes: Buffer): Element[] {
  const found: Element[] = []
  for (let at = 0; at + 2 <= bytes.length;) {
    const tag = bytes.readUInt8(at)
    const first = bytes.readUInt8(at + 1)
    const digits = first < 0x80 ? 0 : first & 0x7f
    if (digits > 4 || at + 2 + digits > bytes.length) break
    const length = digits === 0 ? first : bytes.readUIntBE(at + 2, digits)
    const start = at + 2 + digits
    found.push({ tag, content: bytes.subarray(start, start + length) })
    at = start + length
  }
  return found
}

/** Years of two digits are 1950 to 2049 (RFC 5280, section 4.1.2.5.1). */
function timeOf ({ tag, content }: Element): number | undefined {
  const text = content.toString('latin1')
  const full = tag === GENERALIZED_TIME ? text : `${Number(text.slice(0, 2)) < 50 ? 20 : 19}${text}`
  const [, year, month, day, hour, minute, second] = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(full) ?? []
  return year === undefined ? undefined : Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second))
}

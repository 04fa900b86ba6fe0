/** Certificate, key, authorities and revocation lists of a listener, read from their files and checked before they are used. */

import { constants, createPrivateKey, X509Certificate } from 'node:crypto'
import { open } from 'node:fs/promises'
import { createSecureContext, type SecureContextOptions } from 'node:tls'
import type { CertificateTrouble } from '../../model/events.js'
import type { TlsSettings } from '../../policy/gateway-settings.js'

const MAX_FILE_BYTES = 4 * 1024 * 1024

export interface CertificateFiles {
  readonly cert: string
  readonly key: string
  readonly ca: string | undefined
  readonly crl: string | undefined
}

export interface Credentials {
  readonly options: SecureContextOptions
  /** When the first certificate of the chain runs out. */
  readonly expiresMs: number
}

/** Says what is wrong with the files; nothing of what they hold. */
export class CertificateError extends Error {
  readonly trouble: CertificateTrouble
  /** The system's own code, where a file could not be read. */
  readonly code: string | undefined

  constructor (trouble: CertificateTrouble, code?: string) {
    super(`certificate files: ${trouble}`)
    this.trouble = trouble
    this.code = code
  }
}

/** @throws CertificateError unreadable */
export async function readCertificateFiles ({ certFile, keyFile, client }: TlsSettings): Promise<CertificateFiles> {
  const [cert, key, ca, crl] = await Promise.all([readText(certFile), readText(keyFile), client && readText(client.caFile), client?.crlFile === undefined ? undefined : readText(client.crlFile)])
  return { cert, key, ca, crl }
}

/**
 * What TLS is to use; 1.2 at least. Files that are cut off, or do not belong together, are found here.
 *
 * Where client certificates are asked for, no session is resumed: each connection shows its certificate, and one that was
 * revoked or has run out is of no use.
 *
 * @throws CertificateError malformed, mismatch
 */
export function credentialsOf ({ cert, key, ca, crl }: CertificateFiles): Credentials {
  const chain = certificatesIn(cert)
  if (ca !== undefined) certificatesIn(ca)
  checkPair(chain[0], key)
  const options: SecureContextOptions = {
    cert,
    key,
    minVersion: 'TLSv1.2',
    ...(ca !== undefined && { ca: blocksOf(ca, 'CERTIFICATE'), secureOptions: constants.SSL_OP_NO_TICKET }),
    ...(crl !== undefined && { crl: blocksOf(crl, 'X509 CRL') })
  }
  try {
    createSecureContext(options)
  } catch {
    throw new CertificateError('malformed')
  }
  return { options, expiresMs: Math.min(...chain.map(({ validTo }) => Date.parse(validTo))) }
}

async function readText (path: string): Promise<string> {
  try {
    const file = await open(path, 'r')
    try {
      const stat = await file.stat()
      if (!stat.isFile() || stat.size > MAX_FILE_BYTES) throw new CertificateError('unreadable', 'not a file of sensible size')
      return await file.readFile('latin1')
    } finally {
      await file.close()
    }
  } catch (error) {
    throw error instanceof CertificateError ? error : new CertificateError('unreadable', (error as NodeJS.ErrnoException).code)
  }
}

function certificatesIn (pem: string): X509Certificate[] {
  try {
    return blocksOf(pem, 'CERTIFICATE').map(block => new X509Certificate(block))
  } catch (error) {
    throw error instanceof CertificateError ? error : new CertificateError('malformed')
  }
}

/** Whole blocks; a file that begins more of them than it ends was cut off, and one with none is another file. */
function blocksOf (pem: string, label: string): string[] {
  const blocks = pem.match(new RegExp(`-----BEGIN ${label}-----[^-]*-----END ${label}-----`, 'g')) ?? []
  const begun = pem.match(/-----BEGIN /g)?.length ?? 0
  if (blocks.length === 0 || (pem.match(/-----END /g)?.length ?? 0) !== begun) throw new CertificateError('malformed')
  return blocks
}

function checkPair (leaf: X509Certificate | undefined, key: string): void {
  let fits: boolean | undefined
  try {
    fits = leaf?.checkPrivateKey(createPrivateKey(key))
  } catch {
    throw new CertificateError('malformed')
  }
  if (fits !== true) throw new CertificateError('mismatch')
}

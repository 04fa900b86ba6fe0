/** Certificates of the listeners: readable, whole, of one pair, in time, in order, and their keys private. */

import { X509Certificate } from 'node:crypto'
import { statSync } from 'node:fs'
import { CertificateError, credentialsOf, readCertificateFiles, type CertificateFiles } from '../../broker/listeners/certificate-files.js'
import type { ListenerSettings, TlsSettings } from '../../policy/gateway-settings.js'
import { revocationEndsMs } from './revocation-list.js'
import type { Examination } from './examination.js'
import { systemCode, type Findings } from './finding.js'

const DAY_MS = 86_400_000
const SOON_DAYS = 14
const OTHERS = 0o077

export async function checkCertificates ({ configuration, nowMs }: Examination, findings: Findings): Promise<void> {
  for (const listener of configuration?.gateway.listeners ?? []) {
    if (isEncrypted(listener)) await checkOne(`${listener.type} ${listener.host}:${listener.port}`, listener, nowMs, findings)
  }
}

function isEncrypted (listener: ListenerSettings): listener is Extract<ListenerSettings, TlsSettings> {
  return 'certFile' in listener
}

async function checkOne (listener: string, settings: TlsSettings, nowMs: number, findings: Findings): Promise<void> {
  try {
    const files = await readCertificateFiles(settings)
    credentialsOf(files)
    checkChain(listener, files, nowMs, findings)
    if (files.ca !== undefined) for (const authority of certificatesIn(files.ca)) checkTimes(`${listener}: an authority of client certificates`, authority, nowMs, findings)
    if (files.crl !== undefined) checkRevocation(listener, files.crl, nowMs, findings)
  } catch (error) {
    if (!(error instanceof CertificateError)) throw error
    findings.problem(`${listener}: its certificate files are ${error.trouble}${error.code === undefined ? '' : ` (${error.code})`}`, 'put whole files of one pair in place: cert with the chain, key without a passphrase')
  }
  checkKey(listener, settings.keyFile, findings)
}

/** Each certificate is to be signed by the one that follows it. */
function checkChain (listener: string, { cert }: CertificateFiles, nowMs: number, findings: Findings): void {
  const chain = certificatesIn(cert)
  for (const [i, certificate] of chain.entries()) {
    checkTimes(`${listener}: certificate ${i + 1} of ${chain.length}`, certificate, nowMs, findings)
    const issuer = chain[i + 1]
    if (issuer !== undefined && !certificate.checkIssued(issuer)) findings.problem(`${listener}: certificate ${i + 1} is not signed by the one after it`, 'put the chain in order: first its own, then each one\'s issuer')
  }
  const [leaf] = chain
  if (leaf !== undefined && leaf.subjectAltName === undefined) findings.warning(`${listener}: its certificate names no host (subjectAltName), so clients that look refuse it`, 'have it issued with the names that devices connect to')
}

function checkTimes (what: string, { validFrom, validTo }: X509Certificate, nowMs: number, findings: Findings): void {
  const days = Math.floor((Date.parse(validTo) - nowMs) / DAY_MS)
  if (Date.parse(validFrom) > nowMs) findings.problem(`${what} is not valid yet`, 'look at the clock, or wait')
  else if (days < 0) findings.problem(`${what} has run out`, 'renew it; it is taken without a restart')
  else if (days < SOON_DAYS) findings.warning(`${what} runs out in ${days} days`, 'renew it; it is taken without a restart')
  else findings.ok(`${what} is valid for ${days} days`)
}

function checkRevocation (listener: string, crl: string, nowMs: number, findings: Findings): void {
  const endsMs = revocationEndsMs(crl)
  const remedy = 'put a new one in place; it is taken without a restart'
  if (endsMs === undefined) return
  if (endsMs < nowMs) findings.problem(`${listener}: its revocation list has run out, so every client certificate is refused`, remedy)
  else if (endsMs < nowMs + DAY_MS) findings.warning(`${listener}: its revocation list runs out within a day`, remedy)
}

function checkKey (listener: string, path: string, findings: Findings): void {
  try {
    const { mode } = statSync(path)
    if ((mode & OTHERS) !== 0) findings.warning(`${listener}: its key ${path} can be used by others (mode ${(mode & 0o777).toString(8)})`, `chmod 600 ${path}`)
  } catch (error) {
    findings.problem(`${listener}: its key ${path} cannot be found (${systemCode(error)})`, 'put it in place')
  }
}

function certificatesIn (pem: string): X509Certificate[] {
  return (pem.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? []).map(block => new X509Certificate(block))
}

/**
 * Keeps a listener's certificates as its files are: looks at their content every few seconds, so that it does not matter
 * how they were replaced (written over, renamed onto, a symbolic link moved), nor on what file system.
 *
 * What is unreadable, cut off, does not belong together or has run out already leaves the ones before in use, and is told
 * once. Connections that there are stay as they are.
 */

import { createHash } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import type { CertificateTrouble } from '../../model/events.js'
import type { TlsSettings } from '../../policy/gateway-settings.js'
import { CertificateError, credentialsOf, readCertificateFiles, type CertificateFiles, type Credentials } from './certificate-files.js'

export interface CertificateWatchSettings {
  readonly files: TlsSettings
  readonly intervalMs: number
  readonly use: (credentials: Credentials) => void
  readonly onRefused: (trouble: CertificateTrouble) => void
}

export class CertificateWatch {
  readonly #settings: CertificateWatchSettings
  readonly #ended = new AbortController()
  /** What was found last, and what was judged last and is in use or refused: as digests, or the trouble with it. */
  #seen = ''
  #judged = ''
  #expiresMs: number

  /** @param files those in use */
  constructor (files: CertificateFiles, { expiresMs }: Credentials, settings: CertificateWatchSettings) {
    this.#settings = settings
    this.#judged = this.#seen = digestOf(files)
    this.#expiresMs = expiresMs
    this.#poll().catch(() => {})
  }

  /** Takes what the files hold now, where it is good. */
  async reload (): Promise<void> {
    await this.#look(true)
  }

  stop (): void {
    this.#ended.abort()
  }

  async #poll (): Promise<void> {
    while (!this.#ended.signal.aborted) {
      await wait(this.#settings.intervalMs, undefined, { signal: this.#ended.signal, ref: false })
      await this.#look(false)
    }
  }

  /** Unless asked to, waits until two looks see the same: a chain that is being written may look whole before it is. */
  async #look (atOnce: boolean): Promise<void> {
    const found = await readCertificateFiles(this.#settings.files).catch(asCertificateError)
    const digest = digestOf(found)
    const isQuiet = digest === this.#seen
    this.#seen = digest
    if (digest === this.#judged || !(isQuiet || atOnce) || this.#ended.signal.aborted) return
    this.#judged = digest
    try {
      this.#take(found)
    } catch (error) {
      this.#settings.onRefused(asCertificateError(error).trouble)
    }
  }

  #take (found: CertificateFiles | CertificateError): void {
    if (found instanceof CertificateError) throw found
    const credentials = credentialsOf(found)
    const nowMs = Date.now()
    if (credentials.expiresMs < nowMs && this.#expiresMs >= nowMs) throw new CertificateError('expired')
    this.#settings.use(credentials)
    this.#expiresMs = credentials.expiresMs
  }
}

function digestOf (found: CertificateFiles | CertificateError): string {
  return found instanceof CertificateError ? found.trouble : createHash('sha256').update(JSON.stringify(found)).digest('hex')
}

function asCertificateError (error: unknown): CertificateError {
  return error instanceof CertificateError ? error : new CertificateError('malformed')
}

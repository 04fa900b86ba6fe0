/** `gateway.yaml` as checked → compiled. */

import { isLoopback } from '../loopback.js'
import type { CheckedFile } from './check-shape.js'
import type { ApprovalSettings, GatewaySettings, LimitSettings, ListenerSettings, TlsSettings, TraceSettings, WebSettings } from './gateway-settings.js'
import { quote } from './quote.js'
import { readDuration } from './read-duration.js'
import type { Reporter } from './reporter.js'
import type { GatewayFile } from './schema/gateway.js'
import type { SourcePath } from './source.js'
import { parseSize } from './units.js'

type WrittenListener = GatewayFile['listeners'][number]
type WrittenLimits = NonNullable<GatewayFile['limits']>
type SizeLimit = 'maxReportBytes' | 'maxPacketBytes' | 'maxConnectBytes' | 'maxUnsentBytes' | 'maxBufferedBytes' | 'maxOutboxBytes'

export function compileGateway ({ value, reporter }: CheckedFile<'gateway'>): GatewaySettings {
  const http = value.http ?? { host: 'localhost', port: 0 }
  const listeners = (value.listeners ?? []).map((listener, index) => ({ listener, path: ['listeners', index] })).filter(({ listener }) => listener !== undefined)
  checkPlaintext('http', http, ['http'], reporter)
  for (const { listener, path } of listeners) checkPlaintext(listener.type, listener, path, reporter)
  checkTaken([...listeners, ...(value.http === undefined ? [] : [{ listener: value.http, path: ['http'] }])], reporter)
  return {
    dataFolder: value.data ?? 'data',
    listeners: listeners.map(({ listener, path }) => compileListener(listener, path, reporter)),
    http: { host: http.host, port: http.port, plaintext: 'plaintext' in http && http.plaintext !== undefined },
    limits: compileLimits(value.limits ?? {}, reporter),
    logLevel: value.log?.level ?? 'info',
    ...(value.traces !== undefined && { traces: compileTraces(value.traces, reporter) })
  }
}

/** They name report types and recipients at the second: what crosses a network is encrypted. */
function compileTraces ({ endpoint, share = 0.01 }: NonNullable<GatewayFile['traces']>, reporter: Reporter): TraceSettings {
  const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined
  if (url?.protocol === 'http:' && !isLoopback(url.hostname.replace(/^\[|\]$/g, ''))) reporter.atValue(['traces', 'endpoint'], 'plaintext', 'traces without encryption to a host that is not loopback: use https, or a collector on this machine', { key: 'endpoint' })
  if (url !== undefined && (url.username !== '' || url.password !== '')) reporter.atValue(['traces', 'endpoint'], 'invalid-value', 'a credential does not belong into the configuration: let a collector on this machine add it', { key: 'endpoint' })
  return { endpoint, share }
}

export function compileApprovals ({ value, reporter }: CheckedFile<'gateway'>): ApprovalSettings {
  return { needed: value.approvals ?? 1, rule: reporter.source.placeOf(['approvals']) }
}

function compileListener (listener: WrittenListener, path: SourcePath, reporter: Reporter): ListenerSettings {
  const { host, port } = listener
  switch (listener.type) {
    case 'mqtt': return { type: listener.type, host, port, plaintext: listener.plaintext !== undefined }
    case 'ws': return { type: listener.type, host, port, plaintext: listener.plaintext !== undefined, ...webOf(listener) }
    case 'mqtts': return { type: listener.type, host, port, ...tlsOf(listener, path, reporter) }
    case 'wss': return { type: listener.type, host, port, ...tlsOf(listener, path, reporter), ...webOf(listener) }
  }
}

function webOf ({ path, origins = [] }: Extract<WrittenListener, { type: 'ws' | 'wss' }>): WebSettings {
  return { ...(path !== undefined && { path }), origins }
}

function tlsOf (listener: Extract<WrittenListener, { type: 'mqtts' | 'wss' }>, path: SourcePath, reporter: Reporter): TlsSettings {
  const { cert, key, clientCa, clientCertificate, crl } = listener
  const files = { certFile: cert, keyFile: key }
  if (clientCa !== undefined) return { ...files, client: { caFile: clientCa, ...(crl !== undefined && { crlFile: crl }), required: clientCertificate !== 'accepted' } }
  for (const name of ['clientCertificate', 'crl'] as const) {
    if (listener[name] !== undefined) reporter.atKey([...path, name], 'missing-key', `${quote(name)} needs clientCa: whose certificates?`, { key: 'clientCa' })
  }
  return files
}

function compileLimits (limits: WrittenLimits, reporter: Reporter): LimitSettings {
  const maxReportBytes = readSize('maxReportBytes', limits.maxReportBytes ?? '256KiB', reporter)
  const maxPacketBytes = readSize('maxPacketBytes', limits.maxPacketBytes ?? '1MiB', reporter)
  if (maxReportBytes > maxPacketBytes) {
    const key = limits.maxReportBytes === undefined ? 'maxPacketBytes' : 'maxReportBytes'
    reporter.atValue(['limits', key], 'invalid-value', 'maxReportBytes must not be larger than maxPacketBytes: no such report could arrive', { key })
  }
  const timeout = (key: 'authenticateTimeout' | 'stageTimeout' | 'drainTimeout' | 'handshakeTimeout', otherwiseMs: number) =>
    readDuration(limits[key], ['limits', key], reporter) ?? otherwiseMs
  return {
    maxReportBytes,
    maxPacketBytes,
    maxConnectBytes: readSize('maxConnectBytes', limits.maxConnectBytes ?? '64KiB', reporter),
    maxInFlight: limits.maxInFlight ?? 64,
    maxReportsPerSecond: limits.maxReportsPerSecond ?? 10_000,
    maxUnsentBytes: readSize('maxUnsentBytes', limits.maxUnsentBytes ?? '1MiB', reporter),
    maxBufferedBytes: readSize('maxBufferedBytes', limits.maxBufferedBytes ?? '256MiB', reporter),
    maxOutboxEntries: limits.maxOutboxEntries ?? 1_000_000,
    maxOutboxBytes: readSize('maxOutboxBytes', limits.maxOutboxBytes ?? '4GiB', reporter, 1024),
    maxDeadLetters: limits.maxDeadLetters ?? 10_000,
    countRetentionMs: readDuration(limits.countRetention, ['limits', 'countRetention'], reporter) ?? 400 * 86_400_000,
    deadLetterRetentionMs: readDuration(limits.deadLetterRetention, ['limits', 'deadLetterRetention'], reporter) ?? 30 * 86_400_000,
    authenticateTimeoutMs: timeout('authenticateTimeout', 5_000),
    stageTimeoutMs: timeout('stageTimeout', 10_000),
    drainTimeoutMs: timeout('drainTimeout', 5_000),
    handshakeTimeoutMs: timeout('handshakeTimeout', 10_000),
    maxConnections: limits.maxConnections ?? 20_000,
    maxConnectionsPerDevice: limits.maxConnectionsPerDevice ?? 4,
    maxUnauthenticated: limits.maxUnauthenticated ?? 10_000,
    maxFailedLogins: limits.maxFailedLogins ?? 60
  }
}

function readSize (key: SizeLimit, written: string | number, reporter: Reporter, maxGiB = 1): number {
  const bytes = parseSize(written, maxGiB)
  if (bytes === undefined) reporter.atValue(['limits', key], 'invalid-value', `${quote(written)} is not between 1 byte and ${maxGiB}GiB`, { key })
  return bytes ?? 0
}

/** NOTICE.md clause 4: what crosses a network is encrypted. */
function checkPlaintext (type: WrittenListener['type'] | 'http', address: { host: string, plaintext?: string | undefined }, path: SourcePath, reporter: Reporter): void {
  if (type === 'mqtts' || type === 'wss' || isLoopback(address.host) || address.plaintext !== undefined) return
  const remedy = type === 'http' ? 'listen on 127.0.0.1 behind a proxy with TLS' : `use ${type}s`
  reporter.atValue([...path, 'host'], 'plaintext', `${type} without encryption on ${quote(address.host)}, which is not loopback: ${remedy}, ` +
    'or say plaintext: i-accept-that-reports-cross-the-network-unencrypted', { key: 'host' })
}

function checkTaken (addresses: readonly { listener: { host: string, port: number }, path: SourcePath }[], reporter: Reporter): void {
  const taken = new Set<string>()
  for (const { listener: { host, port }, path } of addresses) {
    const address = `${host}:${port}`
    if (port !== 0 && taken.has(address)) reporter.atValue([...path, 'port'], 'duplicate-name', `${quote(address)} is listened on already`)
    taken.add(address)
  }
}

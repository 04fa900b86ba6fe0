/** `sink` of a recipient as checked → compiled. */

import { isLoopback } from '../loopback.js'
import type { Login, RemotePlace, SinkSettings } from '../model/sink-settings.js'
import { quote } from './quote.js'
import { readDuration } from './read-duration.js'
import type { Reporter } from './reporter.js'
import type { WrittenSink } from './schema/sink.js'
import { parseSize } from './units.js'

type Written<Type extends WrittenSink['type']> = Extract<WrittenSink, { type: Type }>
type Remote = Written<'http' | 'redis' | 'nats'> | Written<'mqtt'> & { url: string }

const TIMEOUT_MS = 30_000
const MAX_BODY_BYTES = 1024 * 1024
/** Encrypted first. */
const SCHEMES = { http: ['https:', 'http:'], mqtt: ['mqtts:', 'mqtt:'], redis: ['rediss:', 'redis:'], nats: ['tls:', 'nats:'] } as const
/** Words in the name of a query parameter that mean a credential. */
const SECRETIVE = /key|token|secret|pass|auth|sig/i

/** Undefined where a problem keeps it from being known. */
export function compileSink (sink: WrittenSink, reporter: Reporter): SinkSettings | undefined {
  switch (sink.type) {
    case 'file': return compileFile(sink, reporter)
    case 'mqtt': return compileMqtt(sink, reporter)
    case 'http': return compileHttp(sink, reporter)
    case 'redis': return compileRedis(sink, reporter)
    case 'nats': return compileNats(sink, reporter)
  }
}

function compileFile ({ folder, retention }: Written<'file'>, reporter: Reporter): SinkSettings {
  const retentionMs = readDuration(retention, ['sink', 'retention'], reporter)
  return { type: 'file', folder, ...(retentionMs !== undefined && { retentionMs }) }
}

function compileMqtt (sink: Written<'mqtt'>, reporter: Reporter): SinkSettings | undefined {
  const { url, protocol } = sink
  if (url === undefined) {
    const [stray] = Object.keys(sink).filter(key => key !== 'type')
    if (stray === undefined) return { type: 'mqtt' }
    return reporter.atKey(['sink', stray], 'missing-key', `${quote(stray)} needs ${quote('url')}: without it the sink is this broker`, { key: 'url' })
  }
  const place = compileRemote({ ...sink, url }, reporter)
  return place && { type: 'remote-mqtt', ...place, ...compileLogin(sink, reporter), protocolVersion: protocol === undefined ? 5 : 4 }
}

function compileHttp (sink: Written<'http'>, reporter: Reporter): SinkSettings | undefined {
  const { secretFile, tokenFile, maxBatch = 256, maxBody } = sink
  const place = compileRemote(sink, reporter)
  const maxBodyBytes = maxBody === undefined ? MAX_BODY_BYTES : parseSize(maxBody)
  if (maxBodyBytes === undefined) return reporter.atValue(['sink', 'maxBody'], 'invalid-value', `${quote(maxBody)} is not between 1 byte and 1GiB`, { key: 'maxBody' })
  return place && { type: 'http', ...place, ...(secretFile !== undefined && { secretFile }), ...(tokenFile !== undefined && { tokenFile }), maxBatch, maxBodyBytes }
}

function compileRedis (sink: Written<'redis'>, reporter: Reporter): SinkSettings | undefined {
  const { stream, maxLength } = sink
  const place = compileRemote(sink, reporter)
  return place && { type: 'redis', ...place, ...compileLogin(sink, reporter), stream, ...(maxLength !== undefined && { maxLength }) }
}

function compileNats (sink: Written<'nats'>, reporter: Reporter): SinkSettings | undefined {
  const { stream, tokenFile, userName } = sink
  if (tokenFile !== undefined && userName !== undefined) reporter.atKey(['sink', 'tokenFile'], 'invalid-value', 'a token takes the place of a user name: give one of them', { key: 'tokenFile' })
  const place = compileRemote(sink, reporter)
  return place && { type: 'nats', ...place, ...compileLogin(sink, reporter), ...(tokenFile !== undefined && { tokenFile }), stream }
}

function compileLogin ({ userName, passwordFile }: { userName?: string | undefined, passwordFile?: string | undefined }, reporter: Reporter): Login {
  if (userName === undefined && passwordFile !== undefined) reporter.atKey(['sink', 'passwordFile'], 'missing-key', `${quote('passwordFile')} needs ${quote('userName')}`, { key: 'userName' })
  return { ...(userName !== undefined && { userName }), ...(passwordFile !== undefined && { passwordFile }) }
}

function compileRemote (sink: Remote, reporter: Reporter): RemotePlace | undefined {
  const timeoutMs = readDuration(sink.timeout, ['sink', 'timeout'], reporter) ?? TIMEOUT_MS
  const url = readUrl(sink, reporter)
  return url && { url: url.href, ...(sink.ca !== undefined && { caFile: sink.ca }), timeoutMs }
}

function readUrl (sink: Remote, reporter: Reporter): URL | undefined {
  const [secure, plain] = SCHEMES[sink.type]
  const url = URL.canParse(sink.url) ? new URL(sink.url) : undefined
  const wrong = (message: string, code: 'invalid-value' | 'unsafe' | 'plaintext' = 'invalid-value') => reporter.atValue(['sink', 'url'], code, message, { key: 'url' })
  // what holds a credential is not repeated
  if (url === undefined || url.hostname === '') return wrong(`'url' is not a URL such as ${secure}//host`)
  if (url.username !== '' || url.password !== '') return wrong('\'url\' holds a user name or a password: a credential stands in a file of its own', 'unsafe')
  if ([...url.searchParams.keys()].some(name => SECRETIVE.test(name))) return wrong('\'url\' seems to hold a credential in its query: a credential stands in a file of its own', 'unsafe')
  if (url.protocol !== secure && url.protocol !== plain) return wrong(`${quote(url.protocol)} is none of ${secure}, ${plain}`)
  if (url.hash !== '' || !fits(sink.type, url)) return wrong('\'url\' has a part that this sink does not know')
  const isOpen = url.protocol === plain && !isLoopback(hostOf(url))
  if (isOpen && sink.plaintext === undefined) {
    return wrong(`${plain} without encryption to ${quote(hostOf(url))}, which is not loopback: use ${secure}, or say plaintext: i-accept-that-reports-cross-the-network-unencrypted`, 'plaintext')
  }
  return url
}

/** Paths mean something to HTTP, and a number to Redis. */
function fits (type: Remote['type'], { pathname, search }: URL): boolean {
  if (type === 'http') return true
  return search === '' && (type === 'redis' ? /^(\/\d{0,4})?$/ : /^\/?$/).test(pathname)
}

function hostOf ({ hostname }: URL): string {
  return hostname.replace(/^\[(.*)\]$/, '$1')
}

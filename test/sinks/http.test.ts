/** The http sink against a real HTTP server. */

import { createHmac } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { createServer as createSecureServer } from 'node:tls'
import * as fc from 'fast-check'
import t, { type Test } from 'tap'
import type { Disclosure } from '../../src/model/disclosure.js'
import type { HttpPlace } from '../../src/model/sink-settings.js'
import type { Sink } from '../../src/outbox/sink.js'
import { readRetryAfter } from '../../src/sinks/http/retry-after.js'
import { readKey, requestId, signatureHeaders } from '../../src/sinks/http/signature.js'
import { openSink } from '../../src/sinks/open-sink.js'
import { slicesOf } from '../../src/sinks/remote/slices.js'
import { ChaosProxy } from '../contract/chaos-proxy.js'
import { disclosureOf } from '../contract/disclosure-of.js'
import { Receiver, type Answer } from '../contract/receiver.js'
import { certificate, credentialFile, folderOf, without } from '../contract/servers.js'
import { batchOf, isInTable, linesOf, noAbort, remoteSinkContract, sinkContract, TCP_TABLE, TIMEOUT_MS } from '../contract/sink-contract.js'

const numRuns = Number(process.env['CURTILAGE_RUNS'] ?? (process.env['CI'] !== undefined ? 1000 : 200))
const nowMs = Date.UTC(2026, 0, 5, 12)

async function sinkTo (t: Test, port: number, more: Partial<HttpPlace> = {}): Promise<Sink> {
  const place: HttpPlace = { type: 'http', url: `http://127.0.0.1:${port}/in`, timeoutMs: TIMEOUT_MS, maxBatch: 64, maxBodyBytes: 1024 * 1024, ...more }
  const subscribers = { deliverAll: async () => await Promise.reject(new Error('not this broker')) }
  const sink = await openSink('analytics', place, { dataFolder: '/nowhere', subscribers, nowMs: () => nowMs })
  t.teardown(async () => { await sink.close() })
  return sink
}

/** What the rejection says. */
async function failure (sink: Sink, batch: readonly Disclosure[]): Promise<{ code?: string, message: string, retryAfterMs?: number }> {
  return await sink.deliver(batch, noAbort()).then(() => { throw new TypeError('it has delivered') }, (error: unknown) => error as { message: string })
}

sinkContract(t, 'http sink', async t => {
  const receiver = await Receiver.open(t)
  return { sink: await sinkTo(t, receiver.port), arrived: async () => receiver.taken }
})

remoteSinkContract(t, 'http sink', async t => {
  const receiver = await Receiver.open(t)
  const proxy = new ChaosProxy(() => receiver.port)
  t.teardown(async () => { await proxy.close() })
  return { sink: await sinkTo(t, await proxy.listen()), server: receiver, proxy, arrived: async () => receiver.taken }
}, { numRuns: Math.ceil(numRuns / 4) })

const KEY = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'

t.test('http sink: a request -> lines, token, a signature of Standard Webhooks for each key', async t => {
  const other = Buffer.alloc(32, 7).toString('base64')
  const receiver = await Receiver.open(t)
  const sink = await sinkTo(t, receiver.port, {
    url: `http://127.0.0.1:${receiver.port}/in/here?set=a%20b`,
    secretFile: credentialFile(t, 'keys', `${KEY}\n${other}\n`),
    tokenFile: credentialFile(t, 'token', 'open-sesame\n')
  })
  await sink.deliver(batchOf(0, 3), noAbort())
  const [got] = receiver.requests
  t.match(got, { method: 'POST', path: '/in/here?set=a%20b', headers: { 'content-type': 'application/x-ndjson', authorization: 'Bearer open-sesame' } })
  t.equal(got?.body, linesOf(batchOf(0, 3)).map(line => `${line}\n`).join(''))
  const { 'webhook-id': id, 'webhook-timestamp': seconds, 'webhook-signature': signatures } = got?.headers ?? {}
  t.equal(seconds, String(nowMs / 1000))
  t.equal(got?.headers['idempotency-key'], id)
  const expected = [KEY.slice(6), other].map(key => `v1,${createHmac('sha256', Buffer.from(key, 'base64')).update(`${String(id)}.${String(seconds)}.${got?.body}`).digest('base64')}`)
  t.equal(signatures, expected.join(' '))
})

t.test('signature: the example of its authors -> theirs', async t => {
  const key = readKey(KEY)
  const headers = signatureHeaders('msg_p5jXN8AQM9LWM0D4loKWxJek', 1614265330_000, Buffer.from('{"test": 2432232314}'), key === undefined ? [] : [key])
  t.equal(headers['webhook-signature'], 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=')
})

t.test('signing keys: spellings -> 24 to 64 bytes of base64, or nothing', async t => {
  t.equal(readKey(KEY)?.length, 24)
  t.equal(readKey(Buffer.alloc(64).toString('base64'))?.length, 64)
  for (const wrong of ['', 'whsec_', 'whsec_c2hvcnQ=', 'hunter2 hunter2 hunter2 hunter2 hunter2', Buffer.alloc(65).toString('base64')]) t.equal(readKey(wrong), undefined, wrong.slice(0, 20))
})

t.test('request id: the same disclosures -> the same; others, or another order -> another; it spells no address', async t => {
  t.equal(requestId(['ga', 'gb']), requestId(['ga', 'gb']))
  t.equal(new Set([requestId(['ga', 'gb']), requestId(['gb', 'ga']), requestId(['ga']), requestId(['gagb'])]).size, 4)
  t.match(requestId(['ga']), /^[g-z]{30}$/)
})

t.test('http sink: the same batch again -> the same idempotency key', async t => {
  const receiver = await Receiver.open(t)
  const sink = await sinkTo(t, receiver.port)
  receiver.answer = () => ({ status: receiver.requests.length === 1 ? 500 : 200 })
  t.match(await failure(sink, batchOf(0, 3)), { code: 'sink-answer' })
  await sink.deliver(batchOf(0, 3), noAbort())
  await sink.deliver(batchOf(3, 1), noAbort())
  const ids = receiver.requests.map(({ headers }) => headers['webhook-id'])
  t.equal(ids[0], ids[1])
  t.not(ids[1], ids[2])
})

t.test('http sink: some are refused for good -> they alone, whatever the batch; the others arrive in order', async t => {
  const receiver = await Receiver.open(t)
  const sink = await sinkTo(t, receiver.port)
  let next = 0
  await fc.assert(fc.asyncProperty(fc.array(fc.boolean(), { minLength: 1, maxLength: 40 }), fc.constantFrom(400, 422, 413), async (bad, status) => {
    const batch = batchOf(next, bad.length)
    next += bad.length
    const lines = linesOf(batch)
    const refused = new Set(lines.filter((_, i) => bad[i]))
    receiver.taken.length = 0
    receiver.answer = got => ({ status: got.lines.some(line => refused.has(line)) ? status : 200 })
    const refusals = await sink.deliver(batch, noAbort())
    t.same(refusals, bad.flatMap((isBad, index) => isBad ? [{ index, reason: status === 413 ? 'too-large' : `http-${status}` }] : []))
    t.same(receiver.taken, lines.filter(line => !refused.has(line)))
  }), { numRuns })
})

t.test('http sink: too large a body -> smaller ones', async t => {
  const receiver = await Receiver.open(t)
  const sink = await sinkTo(t, receiver.port)
  receiver.answer = ({ body }) => ({ status: body.length > 300 ? 413 : 200 })
  t.same(await sink.deliver([...batchOf(0, 9), disclosureOf({ id: 'gz', size: 500 })], noAbort()), [{ index: 9, reason: 'too-large' }])
  t.same(receiver.taken, linesOf(batchOf(0, 9)))
})

t.test('http sink: a body has its bound -> batches in several requests', async t => {
  const receiver = await Receiver.open(t)
  const sink = await sinkTo(t, receiver.port, { maxBodyBytes: 300 })
  await sink.deliver([...batchOf(0, 5), disclosureOf({ id: 'gz', size: 500 }), ...batchOf(5, 5)], noAbort())
  t.ok(receiver.requests.filter(({ body }) => body.length > 320).every(({ lines }) => lines.length === 1))
  t.ok(receiver.requests.length > 3)
  t.equal(receiver.taken.length, 11)
})

t.test('slices: any batch -> whole, in order, each within the bound or of one', async t => {
  fc.assert(fc.property(fc.array(fc.nat(400), { maxLength: 20 }), fc.integer({ min: 1, max: 1000 }), (sizes, maxBytes) => {
    const batch = sizes.map((size, i) => disclosureOf({ id: `g${i}`, size }))
    const slices = slicesOf(batch, maxBytes)
    t.same(slices.flatMap(({ disclosures }) => disclosures), batch)
    for (const { start, disclosures } of slices) {
      t.equal(batch[start], disclosures[0])
      t.ok(disclosures.length === 1 || disclosures.reduce((sum, { bytes }) => sum + bytes.byteLength, 0) <= maxBytes)
    }
  }), { numRuns: 100 })
})

t.test('http sink: trouble -> rejects, with the wait that the server asked for', async t => {
  const receiver = await Receiver.open(t)
  const sink = await sinkTo(t, receiver.port)
  const cases: [Answer, string, number | undefined][] = [
    [{ status: 429, headers: { 'retry-after': '120' } }, 'sink-answer', 120_000],
    [{ status: 503, headers: { 'retry-after': 'Mon, 05 Jan 2026 12:00:10 GMT' } }, 'sink-answer', 10_000],
    [{ status: 503, headers: { 'retry-after': 'Mon, 05 Jan 2026 11:00:00 GMT' } }, 'sink-answer', 0],
    [{ status: 429, headers: { 'retry-after': '999999' } }, 'sink-answer', 3_600_000],
    [{ status: 429, headers: { 'retry-after': 'soon' } }, 'sink-answer', undefined],
    [{ status: 429 }, 'sink-answer', undefined],
    [{ status: 500 }, 'sink-answer', undefined],
    [{ status: 408 }, 'sink-answer', undefined],
    [{ status: 404 }, 'sink-answer', undefined],
    [{ status: 405 }, 'sink-answer', undefined],
    [{ status: 410 }, 'sink-answer', undefined],
    [{ status: 401 }, 'sink-login', undefined],
    [{ status: 403 }, 'sink-login', undefined]
  ]
  for (const [answer, code, retryAfterMs] of cases) {
    receiver.answer = () => answer
    const error = await failure(sink, batchOf(0, 4))
    t.equal(error.code, code, JSON.stringify(answer))
    t.equal(error.retryAfterMs, retryAfterMs, JSON.stringify(answer))
  }
  t.same(receiver.taken, [])
})

t.test('retry-after: any text -> a wait of 0 or more, or nothing', async t => {
  fc.assert(fc.property(fc.string(), text => {
    const waitMs = readRetryAfter(text, nowMs)
    t.ok(waitMs === undefined || waitMs >= 0)
  }), { numRuns })
  t.equal(readRetryAfter(['1', '2'], nowMs), undefined)
  t.equal(readRetryAfter(undefined, nowMs), undefined)
  t.equal(readRetryAfter('-1', nowMs), undefined)
})

t.test('http sink: a redirect -> trouble, and nothing goes there', async t => {
  const elsewhere = await Receiver.open(t)
  const receiver = await Receiver.open(t)
  const sink = await sinkTo(t, receiver.port)
  for (const status of [301, 302, 303, 307, 308]) {
    receiver.answer = () => ({ status, headers: { location: `http://127.0.0.1:${elsewhere.port}/` } })
    t.match(await failure(sink, batchOf(0, 1)), { code: 'sink-answer', message: /redirect/ })
  }
  t.same(elsewhere.requests, [])
})

t.test('http sink: a proxy in the environment -> not asked', async t => {
  const proxy = await Receiver.open(t)
  const receiver = await Receiver.open(t)
  for (const name of ['HTTP_PROXY', 'http_proxy', 'HTTPS_PROXY', 'ALL_PROXY']) {
    const before = process.env[name]
    process.env[name] = `http://127.0.0.1:${proxy.port}`
    t.teardown(() => {
      if (before === undefined) delete process.env[name]
      else process.env[name] = before
    })
  }
  await (await sinkTo(t, receiver.port)).deliver(batchOf(0, 1), noAbort())
  t.equal(receiver.taken.length, 1)
  t.same(proxy.requests, [])
})

t.test('http sink: what the server says -> in no error, and no more of it than a bound is read', async t => {
  const receiver = await Receiver.open(t)
  const sink = await sinkTo(t, receiver.port)
  const canary = 'CANARY-192.168.7.9'
  for (const status of [400, 403, 429, 500]) {
    receiver.answer = () => ({ status, headers: { 'x-canary': canary }, body: canary })
    const said = await sink.deliver(batchOf(0, 1), noAbort()).then(refusals => JSON.stringify(refusals), (error: Error) => `${error.message} ${error.stack ?? ''} ${JSON.stringify(error)}`)
    t.notMatch(said, /CANARY|192\.168/)
  }
  receiver.answer = () => ({ status: 200, body: Buffer.alloc(5_000_000) })
  await sink.deliver(batchOf(0, 1), noAbort())
  await sink.deliver(batchOf(1, 1), noAbort())
  t.equal(receiver.taken.length, 2, 'an answer with a large body has been given nevertheless')
})

t.test('http sink: credentials -> read again after a failure, so that they can be rotated', async t => {
  const receiver = await Receiver.open(t)
  const tokenFile = credentialFile(t, 'token', 'old')
  const sink = await sinkTo(t, receiver.port, { tokenFile })
  receiver.answer = ({ headers }) => ({ status: headers.authorization === 'Bearer new' ? 200 : 401 })
  t.match(await failure(sink, batchOf(0, 1)), { code: 'sink-login' })
  writeFileSync(tokenFile, 'new')
  await sink.deliver(batchOf(0, 1), noAbort())
  t.equal(receiver.taken.length, 1)
})

t.test('http sink: a credential file that is none -> rejects, and sends nothing', async t => {
  const receiver = await Receiver.open(t)
  const cases: Partial<HttpPlace>[] = [
    { tokenFile: '/nowhere/token' },
    { tokenFile: credentialFile(t, 'open', 'hunter2', 0o644) },
    { tokenFile: credentialFile(t, 'group', 'hunter2', 0o640) },
    { tokenFile: credentialFile(t, 'empty', '\n') },
    { tokenFile: credentialFile(t, 'two', 'hunter2\nhunter2') },
    { tokenFile: credentialFile(t, 'binary', 'hunter2\u0000') },
    { tokenFile: credentialFile(t, 'long', 'hunter2'.repeat(5_000)) },
    { tokenFile: '/' },
    { secretFile: credentialFile(t, 'weak', 'hunter2') },
    { caFile: credentialFile(t, 'ca', 'hunter2') }
  ]
  for (const more of cases) {
    const error = await failure(await sinkTo(t, receiver.port, more), batchOf(0, 1))
    t.equal(error.code, 'sink-credential', JSON.stringify(more))
    t.notMatch(error.message, /hunter2/)
  }
  t.same(receiver.requests, [])
})

const WITHOUT_OPENSSL = without('openssl')

t.test('http sink over TLS: the certificate trusted and of that name -> delivers; else nothing is said to the server', { skip: WITHOUT_OPENSSL }, async t => {
  const [tls, stranger] = [certificate(folderOf(t)), certificate(folderOf(t))]
  const requests: string[] = []
  const server = createTlsServer({ cert: readFileSync(tls.certFile), key: readFileSync(tls.keyFile) }, (request, response) => {
    requests.push(request.headers.host ?? '')
    request.resume().on('end', () => response.writeHead(204).end())
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => { server.close() })
  const { port } = server.address() as AddressInfo
  const url = `https://127.0.0.1:${port}/in`
  await (await sinkTo(t, port, { url, caFile: tls.certFile })).deliver(batchOf(0, 2), noAbort())
  t.same(requests, [`127.0.0.1:${port}`])
  for (const more of [{ url }, { url, caFile: stranger.certFile }, { url: `https://localhost:${port}/in`, caFile: tls.certFile }]) {
    t.match(await failure(await sinkTo(t, port, more), batchOf(0, 2)), { code: 'sink-unreachable', message: /\((DEPTH_ZERO_SELF_SIGNED_CERT|ERR_TLS_CERT_ALTNAME_INVALID)\)/ })
  }
  t.equal(requests.length, 1)
})

t.test('http sink over TLS: aborted while the server does not read -> what is not sent yet is thrown away', { skip: WITHOUT_OPENSSL === false && !existsSync(TCP_TABLE) ? `${TCP_TABLE} is not there` : WITHOUT_OPENSSL }, async t => {
  const tls = certificate(folderOf(t))
  const silent = createSecureServer({ cert: readFileSync(tls.certFile), key: readFileSync(tls.keyFile) })
  await new Promise<void>(resolve => silent.listen(0, '127.0.0.1', resolve))
  const proxy = new ChaosProxy(() => (silent.address() as AddressInfo).port)
  t.teardown(async () => {
    await proxy.close()
    silent.close()
  })
  const port = await proxy.listen()
  const sink = await sinkTo(t, port, { url: `https://127.0.0.1:${port}/`, caFile: tls.certFile, timeoutMs: 60_000 })
  const stalled = proxy.stall(100_000)
  const controller = new AbortController()
  const delivering = sink.deliver([disclosureOf({ id: 'g', size: 3_000_000 })], controller.signal)
  const connection = await stalled
  t.ok(isInTable(connection), 'the system holds the connection')
  controller.abort(new Error('enough'))
  await t.rejects(delivering, { message: 'enough' })
  t.notOk(isInTable(connection), 'it holds nothing any more that it could send')
})

/** `gateway.yaml`: listeners, folders and limits. */

import { z } from 'zod'
import { duration, size } from './scalars.js'

const host = z.string().min(1, 'must not be empty').describe('Host name or address to listen on.')
const port = z.int('is not a whole number').min(0, 'must be 0 to 65535').max(65535, 'must be 0 to 65535')
  .describe('Port to listen on; 0 picks a free one.')
const plaintext = z.literal('i-accept-that-reports-cross-the-network-unencrypted').optional()
  .describe('Needed on a listener without encryption that is not on loopback.')
const cert = z.string().min(1, 'must not be empty').describe('File with the certificate chain, PEM.')
const key = z.string().min(1, 'must not be empty').describe('File with the private key, PEM.')
const clientCa = z.string().min(1, 'must not be empty').optional()
  .describe('File with the certificate authorities whose client certificates name devices, PEM.')
const clientCertificate = z.enum(['required', 'accepted']).optional()
  .describe('With clientCa: required, no connection without one; accepted, in place of a password. Default required.')
const crl = z.string().min(1, 'must not be empty').optional().describe('With clientCa: file with revocation lists, one for each authority, PEM.')
const tls = { cert, key, clientCa, clientCertificate, crl }
const web = {
  path: z.string().regex(/^\/[A-Za-z0-9._~/-]{0,200}$/, 'is not a path such as /mqtt').optional().describe('The one path that is answered; default any.'),
  origins: z.array(z.string().regex(/^https?:\/\/[a-z0-9.-]+(:\d{1,5})?$/, 'is not an origin such as https://app.example.com')).optional()
    .describe('Origins of the web pages that may connect; default none. What is no browser sends none and needs none.')
}
const count = z.int('is not a whole number').positive('must be more than 0')

const listener = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('mqtt').describe('MQTT over TCP.'), host, port, plaintext }),
  z.strictObject({ type: z.literal('mqtts').describe('MQTT over TLS.'), host, port, ...tls }),
  z.strictObject({ type: z.literal('ws').describe('MQTT over WebSocket.'), host, port, plaintext, ...web }),
  z.strictObject({ type: z.literal('wss').describe('MQTT over WebSocket and TLS.'), host, port, ...tls, ...web })
])

const limits = z.strictObject({
  maxReportBytes: size.optional().describe('Largest payload of a report; default 256KiB.'),
  maxPacketBytes: size.optional().describe('Largest MQTT packet; default 1MiB.'),
  maxConnectBytes: size.optional().describe('Largest CONNECT packet; default 64KiB.'),
  maxInFlight: count.optional().describe('Reports of one connection that may be under way at one time; beyond it nothing more is read from it; default 64.'),
  maxReportsPerSecond: count.optional().describe('Reports a second of one device over all its connections; beyond it reading slows down; default 10000.'),
  maxUnsentBytes: size.optional().describe('What may wait to be sent to one connection; beyond it the connection is closed; default 1MiB.'),
  maxBufferedBytes: size.optional().describe('What may wait in all connections together, unfinished packets and unsent ones; default 256MiB.'),
  maxOutboxEntries: count.optional().describe('Disclosures that may wait; default 1000000.'),
  maxOutboxBytes: size.optional().describe('Room on the disk for disclosures that wait and for dead letters; default 4GiB.'),
  maxDeadLetters: count.optional().describe('Disclosures that one recipient refused for good and that are kept; beyond it delivery to that recipient stops; default 10000.'),
  deadLetterRetention: duration.optional().describe('How long they are kept; default 30d.'),
  countRetention: duration.optional().describe('How long counts of what was delivered of an account are kept; default 400d.'),
  authenticateTimeout: duration.optional().describe('Time from a connection to the answer to its CONNECT; default 5s.'),
  stageTimeout: duration.optional().describe('Time for one report on its path; default 10s.'),
  drainTimeout: duration.optional().describe('Time that a subscriber may take nothing of what waits for it; default 5s.'),
  handshakeTimeout: duration.optional().describe('Time from accept to the end of the TLS handshake and the WebSocket upgrade; default 10s.'),
  maxConnections: count.optional().describe('Authenticated connections at one time, over all listeners; default 20000.'),
  maxConnectionsPerDevice: count.optional().describe('Connections of one device at one time; the oldest gives way; default 4.'),
  maxUnauthenticated: count.optional().describe('Connections at one time that have not said who they are; default 10000.'),
  maxFailedLogins: count.optional().describe('Failed logins from one source address in a minute; default 60.')
})

export const gatewayFile = z.strictObject({
  data: z.string().min(1, 'must not be empty').optional().describe('Data folder; --data overrides it; default data.'),
  listeners: z.array(listener).describe('Where devices connect.'),
  http: z.strictObject({ host, port, plaintext }).describe('Where API and console listen.'),
  limits: limits.optional().describe('Bounds; each has a default.'),
  approvals: z.int('is not a whole number').min(1, 'must be 1 to 5').max(5, 'must be 1 to 5').optional()
    .describe('How many different API tokens have to approve a wider policy; default 1.'),
  log: z.strictObject({
    level: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).describe('Lowest level that is written.')
  }).optional().describe('The log; default level info.'),
  traces: z.strictObject({
    endpoint: z.url({ protocol: /^https?$/, error: 'is not an address such as http://127.0.0.1:4318/v1/traces' }).describe('Where they are sent, as OTLP over HTTP.'),
    share: z.number().min(0, 'must be 0 to 1').max(1, 'must be 0 to 1').optional().describe('Which part of all reports is traced; default 0.01.')
  }).optional().describe('OpenTelemetry traces of the stages, without values and ids; default none.')
}).describe('Listeners, folders and limits of the gateway.')

export type GatewayFile = z.infer<typeof gatewayFile>

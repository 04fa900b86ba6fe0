/** `sink` of a recipient: the way to it. */

import { z } from 'zod'
import { duration, size } from './scalars.js'

const text = z.string().min(1, 'must not be empty')
const file = text.describe('File, relative to where the gateway was started; mode 600.')

const url = text.describe('Where the server is; no user name or password in it.')
const ca = text.optional().describe('File with the certificates to trust in place of the system\'s, PEM.')
const timeout = duration.optional().describe('Longest wait for an answer; default 30s.')
const plaintext = z.literal('i-accept-that-reports-cross-the-network-unencrypted').optional()
  .describe('Needed for a server without encryption that is not on loopback.')
const userName = text.optional().describe('Who the gateway is to the server.')
const passwordFile = file.optional().describe('File with the password of userName; mode 600.')
const stream = z.string().regex(/^[A-Za-z0-9_:-]{1,128}$/, 'is not a stream name: 1 to 128 letters, digits, _, : and -')

export const sink = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('file').describe('Files, a disclosure a line.'),
    folder: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, 'is not a plain folder name').describe('Folder below the recipients of the data folder.'),
    retention: duration.optional().describe('Days of delivery that ended longer ago than this are removed; default: none is.')
  }),
  z.strictObject({
    type: z.literal('mqtt').describe('Topics of this broker, or of the one at url.'),
    url: url.optional().describe('mqtts://HOST:PORT of another broker; absent: this one. All other keys go with it.'),
    ca,
    timeout,
    plaintext,
    userName,
    passwordFile,
    protocol: z.literal('3.1.1').optional().describe('For a broker that does not speak MQTT 5. It cannot say that it refused a disclosure.')
  }),
  z.strictObject({
    type: z.literal('http').describe('POST of a batch to an HTTP server.'),
    url: url.describe('https://HOST/PATH; redirects are not followed.'),
    ca,
    timeout,
    plaintext,
    secretFile: file.optional().describe('File with the keys that sign requests, one a line; mode 600.'),
    tokenFile: file.optional().describe('File with the bearer token; mode 600.'),
    maxBatch: z.int('is not a whole number').min(1, 'must be 1 to 256').max(256, 'must be 1 to 256').optional().describe('Most disclosures in one request; default 256.'),
    maxBody: size.optional().describe('Largest body, unless one disclosure alone is larger; default 1MiB.')
  }),
  z.strictObject({
    type: z.literal('redis').describe('A Redis stream.'),
    url: url.describe('rediss://HOST:PORT or rediss://HOST:PORT/DATABASE.'),
    ca,
    timeout,
    plaintext,
    userName,
    passwordFile,
    stream: stream.describe('Key of the stream.'),
    maxLength: z.int('is not a whole number').positive('must be more than 0').optional().describe('Entries that the stream keeps, about; default all.')
  }),
  z.strictObject({
    type: z.literal('nats').describe('A stream of NATS JetStream.'),
    url: url.describe('tls://HOST:PORT.'),
    ca,
    timeout,
    plaintext,
    userName,
    passwordFile,
    tokenFile: file.optional().describe('File with a token, in place of name and password; mode 600.'),
    stream: stream.describe('Name of the stream, which must exist and take disclosures.>.')
  })
])

export type WrittenSink = z.infer<typeof sink>

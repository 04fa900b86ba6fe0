/**
 * The web console's files, as `build-web.ts` left them. Where they are absent the API runs without them.
 *
 * The page itself is never cached, so that it names the assets of this version; their names change with their content.
 * Nothing is loaded from elsewhere, nothing inline runs.
 */

import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import fastifyStatic from '@fastify/static'
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'

const POLICY = [
  "default-src 'none'", "script-src 'self'", "style-src 'self'", "connect-src 'self'", "img-src 'self' data:",
  "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"
].join('; ')

const PAGE_HEADERS = { 'cache-control': 'no-store', 'content-security-policy': POLICY, 'cross-origin-opener-policy': 'same-origin' }
const ASSET_HEADERS = { 'cache-control': 'public, max-age=31536000, immutable', 'content-security-policy': POLICY }

declare module 'fastify' {
  interface FastifyContextConfig {
    /** In place of the API's headers of the same names. */
    headers?: Readonly<Record<string, string>>
  }
}

/** Beside the compiled sources, or in `dist` where the sources run uncompiled. */
export function builtConsole (): string | undefined {
  const places = ['../../console', '../../dist/console'].map(path => fileURLToPath(new URL(path, import.meta.url)))
  return places.find(place => existsSync(`${place}/index.html`))
}

export function webFiles (api: FastifyInstance, folder: string): void {
  api.register(fastifyStatic, { root: folder, serve: false, index: false, cacheControl: false })
  api.get('/', { config: { access: 'open', headers: PAGE_HEADERS }, schema: { hide: true } }, async (_, reply) => await reply.sendFile('index.html'))
  api.get('/assets/:file', {
    config: { access: 'open', headers: ASSET_HEADERS },
    schema: { hide: true, params: z.strictObject({ file: z.string().regex(/^[\w.-]{1,100}$/) }) }
  }, async (request, reply) => await reply.sendFile(`assets/${(request.params as { file: string }).file}`))
}

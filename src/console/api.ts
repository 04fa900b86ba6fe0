/**
 * The HTTP API: the same for the console, the command line and other people's tools.
 *
 * OpenAPI is made from the schemas that check the requests. Nothing that a request holds is logged or told in an error.
 */

import swagger, { type SwaggerTransform } from '@fastify/swagger'
import Fastify, { type FastifyInstance } from 'fastify'
import { jsonSchemaTransform, jsonSchemaTransformObject, serializerCompiler, validatorCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { errorOf } from '../model/errors.js'
import { checkAccess, demandAccess, ROLES } from './access.js'
import { AuditTrail, demandAudit } from './audit-trail.js'
import { checkHost } from './host-check.js'
import { answerProblem } from './problem-reply.js'
import type { Api } from './route.js'
import { accountDisclosureRoutes } from './routes/account-disclosures.js'
import { accountRoutes } from './routes/accounts.js'
import { alarmRoutes } from './routes/alarms.js'
import { auditRoutes } from './routes/audit.js'
import { backupRoutes } from './routes/backups.js'
import { consentRoutes } from './routes/consents.js'
import { deviceRoutes } from './routes/devices.js'
import { explainRoutes } from './routes/explain.js'
import { fieldRoutes } from './routes/fields.js'
import { healthRoutes } from './routes/health.js'
import { ledgerRoutes } from './routes/ledger.js'
import { liveRoutes } from './routes/live.js'
import { metricsRoutes } from './routes/metrics.js'
import { outboxRoutes } from './routes/outbox.js'
import { policyRoutes } from './routes/policies.js'
import { quarantineRoutes } from './routes/quarantine.js'
import { recipientRoutes } from './routes/recipients.js'
import { secretRoutes } from './routes/secret.js'
import { sessionRoutes } from './routes/session.js'
import { tokenRoutes } from './routes/tokens.js'
import { tryRoutes } from './routes/try.js'
import { vocabularyRoutes } from './routes/vocabulary.js'
import type { Services } from './services.js'
import { boundStrangers } from './stranger-connections.js'
import { builtConsole, webFiles } from './web-files.js'

const BODY_BYTES = 64 * 1024
const REQUEST_TIMEOUT_MS = 60_000
/** For the head of a request, looked at that often. */
const SLOWEST_HEAD = { headersTimeout: 10_000, connectionsCheckingInterval: 5_000 }

const ROUTES = [
  accountRoutes, accountDisclosureRoutes, alarmRoutes, vocabularyRoutes, deviceRoutes, consentRoutes, recipientRoutes, outboxRoutes, tokenRoutes, policyRoutes, explainRoutes, tryRoutes, quarantineRoutes, fieldRoutes,
  auditRoutes, ledgerRoutes, secretRoutes, backupRoutes,
  sessionRoutes, liveRoutes, healthRoutes, metricsRoutes
]

const HEADERS = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer', 'content-security-policy': "default-src 'none'; frame-ancestors 'none'" }

export function buildApi (services: Services): FastifyInstance {
  const api = Fastify({ logger: false, bodyLimit: BODY_BYTES, requestTimeout: REQUEST_TIMEOUT_MS, http: SLOWEST_HEAD, forceCloseConnections: 'idle', exposeHeadRoutes: false, frameworkErrors: answerProblem }).withTypeProvider<ZodTypeProvider>()
  api.setValidatorCompiler(validatorCompiler)
  api.setSerializerCompiler(serializerCompiler)
  api.setErrorHandler(answerProblem)
  api.setNotFoundHandler(() => { throw errorOf('route-unknown') })
  for (const name of ['role', 'token', 'audited', 'begun', 'problem'] as const) api.decorateRequest(name)
  api.removeContentTypeParser('text/plain')
  addHooks(api, services)
  boundStrangers(api as unknown as FastifyInstance)
  api.register(swagger, { openapi: { openapi: '3.1.0', info: DOCUMENT, components: { securitySchemes: BEARER }, security: [{ bearer: [] }] }, transform: describeRoute, transformObject: jsonSchemaTransformObject })
  api.register(async scope => {
    for (const addRoutes of ROUTES) addRoutes(scope.withTypeProvider<ZodTypeProvider>(), services)
    documentRoute(scope.withTypeProvider<ZodTypeProvider>())
  })
  const folder = builtConsole()
  if (folder !== undefined) api.register(async scope => webFiles(scope as unknown as FastifyInstance, folder))
  return api as unknown as FastifyInstance
}

const DOCUMENT = { title: 'Curtilage', version: '1', description: 'Consent, registry, policies and explanations of a gateway. Errors are application/problem+json with stable codes.' }
const BEARER = { bearer: { type: 'http', scheme: 'bearer', description: 'Made by curtilage token create.' } } as const

/** Who may use a route stands in its description. */
const describeRoute: SwaggerTransform = (given) => {
  const { schema, url } = jsonSchemaTransform(given as Parameters<typeof jsonSchemaTransform>[0])
  const access = given.route.config?.access
  if (access === 'open') return { schema: { ...schema, security: [] }, url }
  return { schema: { ...schema, description: [schema.description, access && `Roles: ${ROLES[access]}.`].filter(Boolean).join(' ') }, url }
}

function addHooks (api: Api, services: Services): void {
  const trail = new AuditTrail(services.core)
  api.addHook('onRoute', demandAccess)
  api.addHook('onRoute', demandAudit)
  api.addHook('onRequest', async request => {
    request.audited = {}
    checkHost(request, services.listeningHost ?? services.core.configuration.gateway.http.host)
    await checkAccess(request, services)
  })
  api.addHook('preHandler', async request => { await trail.begin(request) })
  api.addHook('onSend', async (request, reply) => {
    reply.headers({ ...HEADERS, ...request.routeOptions.config.headers })
    if (request.begun !== undefined && reply.statusCode < 400) services.core.store.watch.demandInPlace()
    // what fails here, the framework would answer in the words of the error
    await trail.end(request, reply).catch(() => {})
  })
  api.addHook('onClose', async () => { await trail.flush().catch(() => {}) })
  api.addHook('onResponse', async (request, reply) => {
    services.onAnswered?.({ method: request.method, route: request.routeOptions.url ?? 'unknown', status: reply.statusCode, ms: Math.round(reply.elapsedTime) })
  })
}

/** Made once: everybody may ask for it, and it is large. */
function documentRoute (api: Api): void {
  let made: Buffer | undefined
  api.get('/openapi.json', {
    config: { access: 'open' },
    schema: { summary: 'This document', response: { 200: z.record(z.string(), z.unknown()) } }
  }, async (_, reply) => {
    made ??= Buffer.from(JSON.stringify(api.swagger()))
    // bytes are sent as they are; the schema above is for the document
    return await reply.type('application/json; charset=utf-8').send(made as never)
  })
}

/**
 * Refuses requests under a foreign host name: a web page whose name was pointed at this address (DNS rebinding) must not
 * reach the API through a browser.
 */

import { isIP } from 'node:net'
import type { FastifyRequest } from 'fastify'
import { errorOf } from '../model/errors.js'

/** Throws CurtilageError host-refused unless Host is an IP literal, localhost or the host that the console listens on. */
export function checkHost ({ headers }: FastifyRequest, listeningHost: string): void {
  const host = hostOf(headers.host)
  if (host === undefined || !(isIP(host) !== 0 || host === 'localhost' || host === listeningHost.toLowerCase())) throw errorOf('host-refused')
}

/** The host without its port; brackets of IPv6 taken off. */
function hostOf (header: string | undefined): string | undefined {
  const parts = /^(?:\[([0-9a-f:.%]+)\]|([^:[\]@/\s]+))(?::\d{1,5})?$/i.exec(header ?? '')
  return (parts?.[1] ?? parts?.[2])?.toLowerCase()
}

/** Which hosts mean this machine alone. What crosses a network is encrypted, or said not to be in so many words. */

import { isIPv4 } from 'node:net'

export function isLoopback (host: string): boolean {
  return host.toLowerCase() === 'localhost' || host === '::1' || (isIPv4(host) && host.startsWith('127.'))
}

/** Where devices connect and the API listens: can it be listened on, or does our own gateway do so already? */

import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { createServer } from 'node:net'
import { once } from 'node:events'
import { isLoopback } from '../../loopback.js'
import type { AddressSettings } from '../../policy/gateway-settings.js'
import type { Examination } from './examination.js'
import { systemCode, type Findings } from './finding.js'

const LISTENS = '0A'

export async function checkListeners ({ configuration, gateway }: Examination, findings: Findings): Promise<void> {
  if (configuration === undefined) return
  const { listeners, http } = configuration.gateway
  for (const listener of listeners) {
    const isPlain = listener.type === 'mqtt' || listener.type === 'ws'
    if (isPlain && !isLoopback(listener.host)) findings.warning(`the ${listener.type} listener on ${spell(listener)} is off loopback and not encrypted, as its plaintext says`, `use ${listener.type}s, or a network that nobody else is on`)
    await checkAddress(listener.type, listener, gateway?.pid, findings)
  }
  if (!isLoopback(http.host)) findings.warning(`the API on ${spell(http)} is off loopback and not encrypted, as its plaintext says: tokens cross the network`, 'listen on 127.0.0.1, behind a proxy with TLS')
  await checkAddress('http', http, gateway?.pid, findings)
}

async function checkAddress (type: string, address: AddressSettings, pid: number | undefined, findings: Findings): Promise<void> {
  const what = `${type} ${spell(address)}`
  if (address.port === 0) return findings.ok(`${what}: a free port is picked`)
  const trouble = await troubleListening(address)
  if (trouble === undefined) {
    if (pid === undefined) return findings.ok(`${what} is free`)
    return findings.warning(`${what} is free, though a gateway runs`, 'it was started with --mqtt or --http, or before gateway.yaml was changed: start it again')
  }
  if (trouble !== 'EADDRINUSE') return findings.problem(`${what} cannot be listened on (${trouble})`, trouble === 'EACCES' ? 'choose a port from 1024 on, or give the unit CAP_NET_BIND_SERVICE' : 'name an address of this machine')
  const ours = pid === undefined ? false : isHeldBy(pid, address.port)
  if (ours === true) return findings.ok(`${what} is held by the gateway (process ${pid})`)
  if (ours === undefined) return findings.warning(`${what} is in use while a gateway runs; by whom cannot be told from here`, 'ask as the user of the gateway')
  findings.problem(`${what} is in use by another program`, 'end that one, or choose another port')
}

/** Listens for a moment; nobody is accepted. Undefined: it can be done. */
async function troubleListening ({ host, port }: AddressSettings): Promise<string | undefined> {
  const server = createServer(socket => { socket.destroy() })
  try {
    server.listen({ host, port, exclusive: true })
    await once(server, 'listening')
    server.close()
    return undefined
  } catch (error) {
    return systemCode(error)
  }
}

/** Undefined where the system does not tell. */
function isHeldBy (pid: number, port: number): boolean | undefined {
  try {
    const inodes = new Set(['tcp', 'tcp6'].flatMap(table => listeningInodes(`/proc/net/${table}`, port)))
    const held = readdirSync(`/proc/${pid}/fd`).flatMap(fd => /^socket:\[(\d+)\]$/.exec(readLink(`/proc/${pid}/fd/${fd}`))?.[1] ?? [])
    return held.some(inode => inodes.has(inode))
  } catch {
    return undefined
  }
}

/** Columns of /proc/net/tcp: number, local address, remote address, state, …, inode as the tenth. */
function listeningInodes (path: string, port: number): string[] {
  const rows = readFileSync(path, 'utf8').split('\n').slice(1).map(line => line.trim().split(/\s+/))
  return rows.flatMap(([, local = '', , state, , , , , , inode = '']) => state === LISTENS && Number.parseInt(local.split(':')[1] ?? '', 16) === port ? [inode] : [])
}

function readLink (path: string): string {
  try { return readlinkSync(path) } catch { return '' }
}

function spell ({ host, port }: AddressSettings): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`
}

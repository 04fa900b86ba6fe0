/**
 * Numbers as the host of a URL: `http://3232235777/`, `rtsp://0xC0A80105:554`, `http://user@192.11010305/`.
 *
 * One to four numbers as inet_aton reads them: decimal, octal or hexadecimal, the last one taking the octets left.
 */

import { spellIpv4 } from './spell-ip.js'
import type { IpSink } from './ipv4.js'

const MARK = '://'
const NUMBER = /^(?:0x[0-9a-f]{0,16}|\d{1,20})$/i

/** Hands the address of every such host to the sink. */
export function findUrlHosts (text: string, sink: IpSink): boolean {
  for (let at = text.indexOf(MARK); at >= 0; at = text.indexOf(MARK, at + 1)) {
    const address = addressOf(hostAt(text, at + MARK.length))
    if (address !== undefined && sink(address)) return true
  }
  return false
}

/** What stands between user and port. */
function hostAt (text: string, start: number): string {
  let hostStart = start
  let end = start
  for (; end < text.length && !isDelimiter(text.charAt(end)); end++) if (text.charAt(end) === '@') hostStart = end + 1
  return text.slice(hostStart, end).split(':', 1)[0]!.replace(/\.$/, '')
}

function isDelimiter (char: string): boolean {
  return '/\\?#"\'<> \t\n,;)]}'.includes(char)
}

function addressOf (host: string): string | undefined {
  const parts = host.length <= 80 ? host.split('.') : []
  if (parts.length < 1 || parts.length > 4 || !parts.every(part => NUMBER.test(part))) return undefined
  const numbers = parts.map(valueOf)
  const last = numbers.pop()!
  const room = 256 ** (4 - numbers.length)
  if (numbers.some(number => !(number <= 255)) || !(last < room)) return undefined
  return spellIpv4(numbers.reduce((sum, number, i) => sum + number * 256 ** (3 - i), last))
}

function valueOf (part: string): number {
  if (/^0x$/i.test(part)) return 0
  return /^0[0-7]+$/.test(part) ? Number.parseInt(part, 8) : Number(part)
}

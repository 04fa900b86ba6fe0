/**
 * What is planted in every report of a chaos run and may turn up nowhere: addresses, and a word in a field that no rule
 * lets out. The search knows nothing of the guard, so that it shares no blind spot with it.
 */

import { closeSync, openSync, readdirSync, readSync, statSync } from 'node:fs'
import { join } from 'node:path'

const STRIDE = 8 * 1024 * 1024
const WORD = 'hushmoorhen'
/** Five of six pairs, three of four parts: the last one tells the devices apart. */
const MAC = ['50', 'c7', 'bf', '0d', '91']
const IP = [10, 173, 94]

export const CLIENT_ID = macOf(200)

export function reportText (device: number, number: number): string {
  const [mac, ip] = [macOf(device), ipOf(device)]
  return JSON.stringify({
    emeter: { get_realtime: { power: number } },
    mac,
    ip,
    alias: `plug ${mac.replaceAll(':', '-')}`,
    nickname: Buffer.from(`lamp at ${ip}`).toString('base64'),
    dev_id: mac.replaceAll(':', '').toUpperCase(),
    [WORD]: `${WORD} ${mac.replaceAll(':', '')} ${ip}`
  })
}

/** What of the planted occurs in some bytes, as the spellings that were found. */
export function plantedIn (bytes: Buffer): string[] {
  return NEEDLES.filter(needle => bytes.includes(needle)).map(needle => needle.toString('latin1'))
}

/** The same of every file below a folder, with its path. */
export function plantedBelow (folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap(entry => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return plantedBelow(path)
    return entry.isFile() ? plantedInFile(path).map(found => `${path}: ${found}`) : []
  })
}

/** How many spellings a report as it is sent is found by: a search that finds nothing there proves nothing. */
export function findable (): number {
  return plantedIn(Buffer.from(reportText(1, 1))).length
}

const NEEDLES = spellings().map(text => Buffer.from(text, 'latin1'))

function spellings (): string[] {
  const texts = [WORD, ...[':', '-', '', '.'].flatMap(glue => [MAC.join(glue), MAC.join(glue).toUpperCase()]), `${IP.join('.')}.`, IP.join('-')]
  const raw = [Buffer.from(MAC.join(''), 'hex').toString('latin1')]
  return [...texts, ...[WORD, MAC.join(':'), `lamp at ${IP.join('.')}.`, IP.join('.')].flatMap(inBase64), ...raw]
}

/** The part of its base64 that does not depend on its neighbors, at each of three offsets. */
function inBase64 (text: string): string[] {
  return [0, 1, 2].map(offset => {
    const encoded = Buffer.from(' '.repeat(offset) + text).toString('base64').replace(/=+$/, '')
    const whole = Math.floor((offset + text.length) * 8 / 6)
    return encoded.slice(Math.ceil(offset * 8 / 6), whole)
  })
}

function plantedInFile (path: string): string[] {
  const file = openSync(path, 'r')
  const buffer = Buffer.alloc(STRIDE)
  const found = new Set<string>()
  try {
    // neighboring strides overlap, so that nothing is cut in two
    for (let at = 0, { size } = statSync(path); at < size; at += STRIDE - 64) {
      for (const one of plantedIn(buffer.subarray(0, readSync(file, buffer, 0, STRIDE, at)))) found.add(one)
    }
  } finally {
    closeSync(file)
  }
  return [...found]
}

function macOf (device: number): string {
  return [...MAC, device.toString(16).padStart(2, '0')].join(':')
}

function ipOf (device: number): string {
  return [...IP, device].join('.')
}

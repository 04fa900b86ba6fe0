/** A word that stands for everything private, and the search for it in whatever spelling it might come out. */

import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'

/** Nobody writes it by accident, in any of its spellings. */
export const CANARY = 'qUAgGaZeBrA'

type Spell = (text: string) => string[]

/** Case apart: the search looks at everything in lower case as well. */
export const SPELLINGS: Readonly<Record<string, Spell>> = {
  raw: text => [text],
  hex: text => [Buffer.from(text).toString('hex')],
  base64: text => [0, 1, 2].map(offset => base64Core(text, offset)),
  base64url: text => [0, 1, 2].map(offset => base64Core(text, offset).replaceAll('+', '-').replaceAll('/', '_')),
  percent: text => [[...Buffer.from(text)].map(byte => `%${byte.toString(16)}`).join('')],
  'JSON escapes': text => [[...text].map(char => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`).join('')],
  'hex escapes': text => [[...text].map(char => `\\x${char.charCodeAt(0).toString(16)}`).join('')],
  bytes: text => [',', ', ', ' '].map(separator => [...Buffer.from(text)].join(separator)),
  'UTF-16': text => [Buffer.from(text, 'utf16le').toString('latin1')],
  backwards: text => [[...text].reverse().join('')]
}

/** Names of the spellings in which the word is found. */
export function spellingsIn (haystack: string | Uint8Array, word = CANARY): string[] {
  const text = typeof haystack === 'string' ? haystack : Buffer.from(haystack).toString('latin1')
  const lower = text.toLowerCase()
  // base64 of another case is another text
  const words = [word, word.toLowerCase(), word.toUpperCase()]
  return Object.keys(SPELLINGS).filter(name => words.some(form => SPELLINGS[name]!(form).some(spelled => text.includes(spelled) || lower.includes(spelled.toLowerCase()))))
}

/** What of a text in base64 stays the same whatever stands before and after it. */
function base64Core (text: string, offset: number): string {
  const encoded = Buffer.from(' '.repeat(offset) + text).toString('base64').replaceAll('=', '')
  return encoded.slice(offset === 0 ? 0 : offset + 1, -1)
}

/** Every file below a folder that holds the word, with the spelling. */
export function filesWith (folder: string, word = CANARY): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).flatMap(name => {
    const path = join(folder, name)
    return statSync(path).isFile() ? spellingsIn(readFileSync(path), word).map(spelling => `${name}: ${spelling}`) : []
  })
}

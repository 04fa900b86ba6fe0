/** Addresses spelled so that no program takes them for one (`192[.]168[.]1[.]5`, `192 dot 168 dot 1 dot 5`), or as a name (`fe80--1.ipv6-literal.net`). */

import type { Traits } from './traits.js'

const BRACKETED = /[[({]\s?([.:]|dot|colon)\s?[\])}]/gi
const LITERAL = /([0-9a-f-]{2,45})(?:s\d{1,4})?\.ipv6-literal\.net/gi
const WORD = /\s(dot|colon|point)\s/gi

/** Undefined where there is nothing to undo. */
export function undoDefanging (text: string, { hexDigits }: Traits): string | undefined {
  if (hexDigits < 1 || !/[.:]\s?[\])}]|dot|colon|point|ipv6-literal/i.test(text)) return undefined
  return text.replace(LITERAL, (_, dashed: string) => dashed.replaceAll('-', ':')).replace(BRACKETED, (_, sign: string) => signOf(sign)).replace(WORD, (_, sign: string) => signOf(sign))
}

function signOf (sign: string): string {
  return /^(?:colon|:)$/i.test(sign) ? ':' : '.'
}

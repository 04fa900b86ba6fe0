/**
 * Escapes within a text, undone: percent (RFC 3986), HTML entities, backslashes of JSON and of programs, quoted-printable.
 *
 * Each leaves alone what it cannot read.
 */

const PERCENT = /(?:%[0-9a-f]{2})+/gi
const PERCENT_UNICODE = /%u([0-9a-f]{4})/gi
const BACKSLASH = /\\(?:u\{0{0,8}([0-9a-f]{1,6})\}|u([0-9a-f]{4})|U([0-9a-f]{8})|x([0-9a-f]{2})|([0-3]?[0-7]{1,2})|([^a-z0-9]|[btnvfr]))/gi
const QUOTED = /(?:=[0-9a-f]{2})+/gi
const SOFT_BREAK = /=\r?\n/g

const DECODERS = [undoPercent, undoBackslashes, undoEntities, undoQuotedPrintable]

export interface Undone {
  /** Every kind of escape undone once; undefined where there was none. */
  readonly all: string | undefined
  /** Where there are several kinds: each undone alone, since one may spoil what another one encodes. */
  readonly alone: readonly string[]
}

export function undoEscapes (text: string): Undone {
  const alone = DECODERS.map(undo => undo(text)).filter(undone => undone !== text)
  if (alone.length < 2) return { all: alone[0], alone: [] }
  return { all: DECODERS.reduce((undone, undo) => undo(undone), text), alone }
}

/** Names of the signs that addresses are made of, and of signs that begin other escapes. */
const NAMED = new Map<string, string>([
  ...named(':', 'colon ratio'),
  ...named('.', 'period middot'),
  ...named('-', 'dash hyphen ndash mdash minus'),
  ...named('_', 'lowbar underbar'),
  ...named(' ', 'nbsp ensp emsp thinsp tab newline'),
  ...named('&', 'amp'),
  ...named('%', 'percnt'),
  ...named('\\', 'bsol'),
  ...named('=', 'equals'),
  ...named('/', 'sol'),
  ...named('+', 'plus'),
  ...named('#', 'num'),
  ...named(';', 'semi'),
  ...named(',', 'comma'),
  ...named('"', 'quot'),
  ...named('[', 'lbrack lsqb'),
  ...named(']', 'rbrack rsqb'),
  ...named('', 'shy zwj zwnj')
])

/** The semicolon may be missing, and what follows be glued to the name. */
const ENTITY = new RegExp(`&(?:#x0{0,16}([0-9a-f]{1,6})|#0{0,16}([0-9]{1,7})|(${[...NAMED.keys()].join('|')}));?`, 'gi')

const CONTROLS: Record<string, string> = { n: '\n', t: '\t', r: '\r', b: '\b', f: '\f', v: '\v', 0: '\0' }

function undoPercent (text: string): string {
  return text.replace(PERCENT, run => bytesText(run.replaceAll('%', ''))).replace(PERCENT_UNICODE, (_, hex: string) => codeText(hex, 16))
}

function undoBackslashes (text: string): string {
  return text.replace(BACKSLASH, (_, braced?: string, four?: string, eight?: string, two?: string, octal?: string, plain?: string) => {
    const hex = braced ?? four ?? eight ?? two
    if (hex !== undefined) return codeText(hex, 16)
    return octal !== undefined ? codeText(octal, 8) : CONTROLS[plain!] ?? plain!
  })
}

function undoEntities (text: string): string {
  return text.replace(ENTITY, (_, hex?: string, decimal?: string, name?: string) => {
    if (hex !== undefined) return codeText(hex, 16)
    return decimal !== undefined ? codeText(decimal, 10) : NAMED.get(name!.toLowerCase())!
  })
}

function undoQuotedPrintable (text: string): string {
  return text.replace(SOFT_BREAK, '').replace(QUOTED, run => bytesText(run.replaceAll('=', '')))
}

function bytesText (hex: string): string {
  return Buffer.from(hex, 'hex').toString('utf8')
}

function codeText (digits: string, base: number): string {
  const code = Number.parseInt(digits, base)
  return code <= 0x10ffff ? String.fromCodePoint(code) : ''
}

function named (sign: string, names: string): [name: string, sign: string][] {
  return names.split(' ').map(name => [name, sign])
}

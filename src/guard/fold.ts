/**
 * Unicode → the ASCII that a reader sees: full-width and other compatibility forms (NFKC), decimal digits of every script,
 * dashes, dots, colons and spaces of every kind. Zero-width and other ignorable characters, combining marks and control
 * characters go; tabs, line breaks and other letters stay. Cyrillic and Greek twins of the hex letters are a step of their
 * own, since they are letters of a language too.
 */

const COLONS = '\u02d0\u02f8\u0589\u05c3\u1365\u1804\u205a\u2236\ua789\ufe13\ufe30\ufe55\uff1a'
const DOTS = '\u00b7\u0387\u06d4\u0701\u0702\u2022\u2024\u2027\u22c5\u3002\u30fb\uff0e\uff61\uff65\ufe52'
const DASHES = '\u02d7\u2043\u2212\u2796\u30fc\uff70'
const TWINS = new Map(Object.entries({
  А: 'A', В: 'B', С: 'C', Е: 'E', а: 'a', с: 'c', е: 'e', Α: 'A', Β: 'B', Ε: 'E', ϲ: 'c', Ϲ: 'C', ԁ: 'd', х: 'x', Х: 'x', Ϝ: 'F', ᴀ: 'a', ʙ: 'b', ᴄ: 'c', ᴅ: 'd', ᴇ: 'e', ꜰ: 'f', Ꭺ: 'A', Ᏼ: 'B', Ꮯ: 'C', Ꭰ: 'D', Ꭼ: 'E'
}))
const TWIN = new RegExp(`[${[...TWINS.keys()].join('')}]`, 'gu')

/** Stand-ins for what cannot be shown, and what no font shows, hide nothing either. */
const IGNORABLE = /^[\p{Default_Ignorable_Code_Point}\p{Cf}\p{M}\p{Cs}\p{Co}\p{Cn}\u2800\ufffc\ufffd]$/u
/** Symbols that show a letter or a digit and have no compatible form: circled ones in black, flags. */
const SYMBOLS: readonly (readonly [first: number, shown: string])[] = [
  [0x24f5, '123456789'], [0x24ff, '0'], [0x2776, '123456789'], [0x2780, '123456789'], [0x278a, '123456789'], [0x1f10b, '00'],
  [0x1f150, 'ABCDEF'], [0x1f170, 'ABCDEF'], [0x1f1e6, 'ABCDEF']
]
const TAGS = /[\u{e0020}-\u{e007e}]/gu
const DIGIT = /^\p{Nd}$/u
const NOT_PLAIN = /[^\x20-\x7e\t\r\n]/
const LONGEST_EXPANSION = 6
const MOST_REMEMBERED = 4096

const folded = new Map<string, string>([
  ...[...COLONS].map(char => [char, ':'] as const),
  ...[...DOTS].map(char => [char, '.'] as const),
  ...[...DASHES].map(char => [char, '-'] as const),
  ...SYMBOLS.flatMap(([first, shown]) => [...shown].map((char, i) => [String.fromCodePoint(first + i), char] as const))
])

/** The folded text, or undefined where the text is plain ASCII already. One character becomes at most six. */
export function fold (text: string): string | undefined {
  if (!NOT_PLAIN.test(text)) return undefined
  let plain = ''
  for (const char of text) plain += NOT_PLAIN.test(char) ? foldChar(char) : char
  return plain
}

/** The text with letters of other alphabets that look like hex digits as such. */
export function foldTwins (text: string): string {
  return text.replace(TWIN, letter => TWINS.get(letter)!)
}

/** Tag characters (U+E0020 to U+E007E) repeat ASCII without being seen; undefined where there are none. */
export function showTags (text: string): string | undefined {
  const shown = text.replace(TAGS, tag => String.fromCharCode(tag.codePointAt(0)! - 0xe0000))
  return shown === text ? undefined : shown
}

function foldChar (char: string): string {
  const known = folded.get(char)
  if (known !== undefined) return known
  const plain = foldUnknown(char)
  if (folded.size < MOST_REMEMBERED) folded.set(char, plain)
  return plain
}

function foldUnknown (char: string): string {
  if (/^\s$/u.test(char)) return ' '
  if (char < ' ' || (char >= '\x7f' && char <= '\x9f') || IGNORABLE.test(char)) return ''
  const compatible = char.normalize('NFKC')
  if (compatible !== char && compatible.length <= LONGEST_EXPANSION) return [...compatible].map(part => part <= '~' ? part : foldChar(part)).join('')
  if (DIGIT.test(char)) return digitOf(char)
  if (/^\p{Pd}$/u.test(char)) return '-'
  if (/^\p{Pc}$/u.test(char)) return '_'
  return char
}

/** Digits of a script stand in a row of ten, and no two rows touch (those that do are undone by NFKC). */
function digitOf (char: string): string {
  const code = char.codePointAt(0)!
  let value = 0
  while (value < 9 && DIGIT.test(String.fromCodePoint(code - value - 1))) value++
  return String(value)
}

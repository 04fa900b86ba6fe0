/** Spellings of addresses, encodings around them and benign texts, for the tests of the guard. */

import fc from 'fast-check'

export const RUNS = Number(process.env.CURTILAGE_RUNS ?? (process.env.CI ? 1000 : 200))

export type Spell = (bytes: readonly number[]) => string

const hex = (byte: number): string => byte.toString(16).padStart(2, '0')
const whole = (bytes: readonly number[]): string => bytes.map(hex).join('')
const quads = (text: string): string[] => text.match(/.{4}/g) ?? []
const parted = (separator: string): Spell => bytes => bytes.map(hex).join(separator)

/** Of six bytes, for any MAC whatsoever: first column of the design. */
export const MAC_SPELLINGS: Record<string, Spell> = {
  colons: parted(':'),
  dashes: parted('-'),
  underscores: parted('_'),
  spaces: parted(' '),
  bare: whole,
  upper: bytes => parted(':')(bytes).toUpperCase(),
  'dashes upper': bytes => parted('-')(bytes).toUpperCase(),
  'bare upper': bytes => whole(bytes).toUpperCase(),
  'dotted quads': bytes => quads(whole(bytes)).join('.'),
  'EUI-64 dotted': bytes => quads(`${whole(bytes.slice(0, 3))}fffe${whole(bytes.slice(3))}`).join('.'),
  'EUI-64 bare': bytes => `${whole(bytes.slice(0, 3))}fffe${whole(bytes.slice(3))}`,
  'EUI-64 colons': bytes => [...bytes.slice(0, 3), 255, 254, ...bytes.slice(3)].map(hex).join(':'),
  '16 digits after 0x': bytes => `0x0102${whole(bytes)}`,
  'UUID version 1': bytes => `2c1d43b8-e6d7-11ee-a7bd-${whole(bytes)}`,
  'SLAAC link local': bytes => `fe80::${quads(`${whole([bytes[0]! ^ 2, ...bytes.slice(1, 3)])}fffe${whole(bytes.slice(3))}`).join(':')}`
}

/** Of four bytes. */
export const IPV4_SPELLINGS: Record<string, Spell> = {
  dotted: bytes => bytes.join('.'),
  'with port': bytes => `${bytes.join('.')}:8080`,
  'with prefix': bytes => `${bytes.join('.')}/24`,
  bracketed: bytes => `[${bytes.join('.')}]`,
  'zero padded': bytes => bytes.map(byte => String(byte).padStart(3, '0')).join('.'),
  octal: bytes => bytes.map(byte => `0${byte.toString(8)}`).join('.'),
  'octets in hexadecimal': bytes => bytes.map(byte => `0x${byte.toString(16)}`).join('.'),
  dashes: bytes => bytes.join('-'),
  underscores: bytes => bytes.join('_'),
  'host number': bytes => `http://${bytes.reduce((sum, byte) => sum * 256 + byte, 0)}/`,
  'host 0x': bytes => `mqtt://user@0x${whole(bytes)}:1883`,
  'host of three numbers': bytes => `http://${bytes[0]}.${bytes[1]}.${bytes[2]! * 256 + bytes[3]!}/`,
  mapped: bytes => `::ffff:${bytes.join('.')}`,
  'mapped in hex': bytes => `::ffff:${whole(bytes.slice(0, 2))}:${whole(bytes.slice(2))}`,
  'mapped in full': bytes => `0:0:0:0:0:ffff:${whole(bytes.slice(0, 2))}:${whole(bytes.slice(2))}`,
  NAT64: bytes => `64:ff9b::${whole(bytes.slice(0, 2))}:${whole(bytes.slice(2))}`
}

/** Of sixteen bytes. */
export const IPV6_SPELLINGS: Record<string, Spell> = {
  full: bytes => quads(whole(bytes)).join(':'),
  upper: bytes => quads(whole(bytes)).join(':').toUpperCase(),
  'without leading zeros': bytes => quads(whole(bytes)).map(group => group.replace(/^0{1,3}/, '')).join(':'),
  compressed: bytes => `${quads(whole(bytes)).slice(0, 4).join(':')}::${quads(whole(bytes))[7]}`,
  'compressed at the end': bytes => `${quads(whole(bytes)).slice(0, 2).join(':')}::`,
  zoned: bytes => `${quads(whole(bytes)).join(':')}%wlan0`,
  bracketed: bytes => `http://[${quads(whole(bytes)).join(':')}]:80/`,
  'with prefix': bytes => `${quads(whole(bytes)).join(':')}/64`
}

export const mac = fc.tuple(...Array.from({ length: 6 }, () => fc.nat(255)))
  .filter(bytes => whole(bytes).replace(/^0+$|^f+$/, '') !== '' && /[a-f]/.test(whole(bytes)))
export const ipv4 = fc.tuple(...Array.from({ length: 4 }, () => fc.nat(255)))
export const ipv6 = fc.tuple(
  fc.constantFrom([0x20, 0x01], [0x2a, 0x02], [0x3f, 0xfe], [0xfc, 0x00], [0xfd, 0x12], [0xfe, 0x80], [0xfe, 0xbf], [0xff, 0x02]),
  fc.uint8Array({ minLength: 14, maxLength: 14 })
).map(([head, rest]) => [...head, ...rest])

function spelledBy (bytes: fc.Arbitrary<number[]>, spellings: Record<string, Spell>): fc.Arbitrary<string> {
  return fc.tuple(bytes, fc.constantFrom(...Object.values(spellings))).map(([address, spell]) => spell(address))
}

/** Any address of the first column. */
export const address = fc.oneof(spelledBy(mac, MAC_SPELLINGS), spelledBy(ipv4, IPV4_SPELLINGS), spelledBy(ipv6, IPV6_SPELLINGS))

/** Encodings that the finder undoes. */
export const ENCODINGS: Record<string, (text: string) => string> = {
  plain: text => text,
  'JSON in a string': text => JSON.stringify({ mac: text }),
  'JSON in JSON': text => JSON.stringify({ a: JSON.stringify({ b: [text] }) }),
  percent: text => encodeURIComponent(text),
  'percent of all': text => percent(text),
  'percent twice': text => percent(percent(text)),
  base64: text => Buffer.from(text).toString('base64'),
  'base64 without padding': text => Buffer.from(text).toString('base64').replace(/=+$/, ''),
  'base64 twice': text => Buffer.from(Buffer.from(text).toString('base64')).toString('base64'),
  base64url: text => Buffer.from(text).toString('base64url'),
  'base64url in base64': text => Buffer.from(Buffer.from(text).toString('base64url')).toString('base64'),
  'base64 of UTF-16': text => Buffer.from(text, 'utf16le').toString('base64'),
  'base64 in percent': text => percent(Buffer.from(text).toString('base64')),
  hex: text => Buffer.from(text).toString('hex'),
  'hex upper': text => Buffer.from(text).toString('hex').toUpperCase(),
  'bytes escaped': text => [...Buffer.from(text)].map(byte => `\\x${hex(byte)}`).join(''),
  'byte array': text => JSON.stringify([...Buffer.from(text)]),
  Buffer: text => JSON.stringify(Buffer.from(text)),
  'u escapes': text => [...text].map(char => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`).join(''),
  'entities in decimal': text => [...text].map(char => `&#${char.charCodeAt(0)};`).join(''),
  'entities in hexadecimal': text => [...text].map(char => `&#x${char.charCodeAt(0).toString(16)};`).join(''),
  'named entities': text => text.replaceAll(':', '&colon;').replaceAll('.', '&period;').replaceAll('-', '&hyphen;'),
  'entities in percent': text => percent([...text].map(char => `&#${char.charCodeAt(0)};`).join('')),
  'full-width': text => [...text].map(char => char === ' ' ? '\u3000' : String.fromCharCode(char.charCodeAt(0) + 0xfee0)).join(''),
  'zero-width': text => [...text].join('\u200b'),
  'soft hyphens': text => [...text].join('\u00ad'),
  'bidi marks': text => [...text].join('\u200e'),
  'variation selectors': text => [...text].join('\ufe0f'),
  'quoted-printable': text => [...Buffer.from(text)].map(byte => `=${hex(byte).toUpperCase()}`).join(''),
  'Arabic digits': text => text.replace(/\d/g, digit => String.fromCharCode(0x660 + Number(digit))),
  'bold digits': text => text.replace(/\d/g, digit => String.fromCodePoint(0x1d7ce + Number(digit))),
  'odd dashes': text => text.replaceAll('-', '\u2011').replaceAll(':', '\u2236').replaceAll('.', '\u3002'),
  defanged: text => text.replaceAll('.', '[.]').replaceAll(':', '[:]')
}

function percent (text: string): string {
  return [...Buffer.from(text)].map(byte => `%${hex(byte)}`).join('')
}

const WORDS = [
  'Living room', 'lamp', 'Emma’s', 'Küche', 'Schlafzimmer', 'Flur', 'Bad', 'WC', 'Büro', 'café', 'feed', 'decade', 'facade', 'bead', 'TV', 'left',
  '客厅', '卧室', '厨房', '灯', '插座', 'Спальня', 'Кухня', 'лампа', '寝室', 'ランプ', 'غرفة', 'Salón', 'Łazienka', '🛏️', '👩‍👧', '1', '2', '3', '1.', '2.', 'OG', '24', '2024'
]

/** Names of rooms and things in many languages, numbered here and there. */
export const roomName = fc.array(fc.constantFrom(...WORDS), { minLength: 1, maxLength: 4 }).map(words => words.join(' '))

const digits = (count: number): fc.Arbitrary<string> => fc.nat(10 ** count - 1).map(number => String(number).padStart(count, '0'))

/** Texts of devices that hold no address and must survive. */
export const benign = fc.oneof(
  roomName,
  roomName.map(name => Buffer.from(name).toString('base64')),
  fc.uuid({ version: 4 }),
  fc.uuid({ version: 4 }).map(id => id.toUpperCase()),
  fc.uint8Array({ minLength: 20, maxLength: 20 }).map(bytes => Buffer.from(bytes).toString('hex').toUpperCase()),
  fc.uint8Array({ minLength: 16, maxLength: 16 }).map(bytes => Buffer.from(bytes).toString('hex')),
  fc.tuple(fc.nat(9), fc.nat(20), digits(6), digits(6)).map(([minor, patch, build, release]) => `1.${minor}.${patch} Build ${build} Rel.${release}`),
  fc.tuple(fc.nat(9), fc.nat(20), digits(6), digits(5)).map(([minor, patch, build, release]) => `1.${minor}.${patch} Build ${build} Rel.${release}n`),
  fc.date({ min: new Date('1990-01-01'), max: new Date('2100-01-01'), noInvalidDate: true }).map(date => date.toISOString()),
  fc.date({ min: new Date('1990-01-01'), max: new Date('2100-01-01'), noInvalidDate: true }).map(date => date.toISOString().slice(0, 19).replace('T', ' ')),
  fc.date({ min: new Date('1990-01-01'), max: new Date('2100-01-01'), noInvalidDate: true }).map(date => date.toISOString().slice(0, 19).replace(/[T:]/g, '-')),
  fc.constantFrom(...Intl.supportedValuesOf('timeZone')),
  fc.integer({ min: -1000, max: 1000 }).map(String),
  fc.double({ min: -180, max: 180, noNaN: true }).map(degrees => degrees.toFixed(4)),
  fc.emailAddress().filter(text => !/\d/.test(text)),
  fc.lorem({ maxCount: 12 })
)

/** Classes of bytes as bits, for scanners that go over a string of JSON once and ask afterwards what it was made of. */

/** Ends the plain part of a string of JSON: a quote, a backslash, a control character. */
export const STOPS = 1
/** Beyond ASCII. */
export const HIGH = 2
export const DIGIT = 4
export const HEX_LETTER = 8
export const UPPER = 16
/** `%`, `&`, `=`: they begin escapes. The backslash, which does too, is among those that stop. */
export const ESCAPE = 32
/** A letter or digit. */
export const ALPHANUMERIC = 64
/** Of one of the alphabets of base64. */
export const BASE64 = 128
/** Anything beside hex digits. */
export const NO_HEX = 256
/** A dot or a colon. */
export const MARK = 512
/** A space or an opening bracket: a sign that is spelled as a word stands behind one. */
export const PAUSE = 1024

export const CLASSES: Uint16Array = Uint16Array.from({ length: 256 }, (_, byte) => classOf(byte))

/** For sums over a text: its decimal digits in the lower ten bits, its hex digits in the ten above them. */
export const COUNTS: Int32Array = Int32Array.from({ length: 256 }, (_, byte) => ((CLASSES[byte]! & DIGIT) !== 0 ? 1 : 0) + ((CLASSES[byte]! & (DIGIT | HEX_LETTER)) !== 0 ? 1024 : 0))

/** A text made of none of these holds no address, however it is read. */
export const TELLING: number = HIGH | DIGIT | HEX_LETTER | UPPER | ESCAPE

/** 0–15, and 255 for what is no hex digit. */
export const HEX_VALUES: Uint8Array = Uint8Array.from({ length: 256 }, (_, byte) => hexValueOf(byte))

/** 0–63 in both alphabets of base64, and 255 for what is in neither. */
export const BASE64_VALUES: Uint8Array = Uint8Array.from({ length: 256 }, (_, byte) => base64ValueOf(byte))

function classOf (byte: number): number {
  if (byte < 0x20 || byte === 0x22 || byte === 0x5c) return STOPS | NO_HEX
  if (byte >= 0x80) return HIGH | NO_HEX
  const char = String.fromCharCode(byte)
  if (/\d/.test(char)) return DIGIT | ALPHANUMERIC | BASE64
  if (/[a-z]/i.test(char)) return ALPHANUMERIC | BASE64 | (/[a-f]/i.test(char) ? HEX_LETTER : NO_HEX) | (/[A-Z]/.test(char) ? UPPER : 0)
  return NO_HEX | ('.:'.includes(char) ? MARK : 0) | (' [({'.includes(char) ? PAUSE : 0) | ('%&='.includes(char) ? ESCAPE : 0) | ('+/-_'.includes(char) ? BASE64 : 0)
}

function hexValueOf (byte: number): number {
  const char = String.fromCharCode(byte)
  return /[0-9a-f]/i.test(char) ? Number.parseInt(char, 16) : 255
}

function base64ValueOf (byte: number): number {
  const at = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'.indexOf(String.fromCharCode(byte))
  if (byte === 0x2d) return 62
  return byte === 0x5f ? 63 : at < 0 ? 255 : at
}

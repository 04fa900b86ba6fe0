/** A name from the configuration as it stands in a message: on one line, of bounded length. */

const MAX_LENGTH = 80

export function quote (value: unknown): string {
  const text = typeof value === 'string' ? value : String(JSON.stringify(value))
  const escaped = JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"')
  return escaped.length > MAX_LENGTH ? `'${escaped.slice(0, MAX_LENGTH)}…'` : `'${escaped}'`
}

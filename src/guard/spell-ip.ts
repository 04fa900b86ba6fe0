/** IP addresses as numbers → canonical text. */

/** The dotted quad of a number below 2³². */
export function spellIpv4 (value: number): string {
  return [24, 16, 8, 0].map(shift => Math.floor(value / 2 ** shift) % 256).join('.')
}

/** RFC 5952 text of eight groups, all in hexadecimal. */
export function spellIpv6 (groups: readonly number[]): string {
  const { start, length } = longestZeros(groups)
  const spelled = groups.map(group => group.toString(16))
  if (length < 2) return spelled.join(':')
  return `${spelled.slice(0, start).join(':')}::${spelled.slice(start + length).join(':')}`
}

function longestZeros (groups: readonly number[]): { start: number, length: number } {
  let longest = { start: 0, length: 0 }
  let length = 0
  for (const [i, group] of groups.entries()) {
    length = group === 0 ? length + 1 : 0
    if (length > longest.length) longest = { start: i - length + 1, length }
  }
  return longest
}

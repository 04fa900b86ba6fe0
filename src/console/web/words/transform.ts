/** What a transform does to a value, in a few words; made of its canonical spelling. */

const DURATIONS: readonly (readonly [number, string])[] = [[86_400_000, 'd'], [3_600_000, 'h'], [60_000, 'min'], [1_000, 's'], [1, 'ms']]

export function transformText (spelling: string): string {
  const [kind = '', rest = ''] = cut(spelling)
  switch (kind) {
    case 'keep': return 'as it is'
    case 'suppress': return 'removed'
    case 'round': return rest.endsWith('ms') ? `to ${durationText(Number(rest.slice(0, -2)))}` : `to steps of ${rest}`
    case 'bucket': return `in ranges from ${rest.replaceAll(',', ', ')}`
    case 'grid': return `to a grid of ${rest.replace('km', ' km')}`
    case 'map': return 'mapped to coarser values'
    case 'pseudonymize': return `stand-in, new every ${rest}`
    case 'part': return rest === 'hour' ? 'hour of day only' : 'weekday only'
    default: return spelling
  }
}

export function durationText (ms: number): string {
  const [size, unit] = DURATIONS.find(([length]) => ms >= length && ms % length === 0) ?? [1, 'ms']
  return `${ms / size} ${unit}`
}

function cut (spelling: string): [string, string] {
  const colon = spelling.indexOf(':')
  return colon === -1 ? [spelling, ''] : [spelling.slice(0, colon), spelling.slice(colon + 1)]
}

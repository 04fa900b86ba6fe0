/** Text in columns of a terminal. Everything shown is one column wide a character: see `plainText`. */

/** Cut to a width, the cut marked. */
export function clip (text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`
}

export function left (text: string, width: number): string {
  return clip(text, width).padEnd(width)
}

export function right (text: string, width: number): string {
  return clip(text, width).padStart(width)
}

/** Items one after the other on at most `lines` lines; if not all have room, the last says how many are left out. */
export function flow (items: readonly string[], { width, lines, gap = '  ' }: { width: number, lines: number, gap?: string }): string[] {
  const filled: string[] = []
  let line = ''
  for (const [at, item] of items.entries()) {
    const longer = line === '' ? item : line + gap + item
    const more = `+${items.length - at}`
    const isLast = filled.length === lines - 1
    const room = isLast && at < items.length - 1 ? width - gap.length - more.length : width
    if (longer.length <= room || line === '') {
      line = longer
    } else if (isLast) {
      return [...filled, clip(line + gap + more, width)]
    } else {
      filled.push(line)
      line = item
    }
  }
  return line === '' ? filled : [...filled, clip(line, width)]
}

/** Printable letters of one column stay; everything else, control characters too, is spelled as JSON spells it. */
export function plainText (text: string): string {
  return text.replace(/[^\u0020-\u007e\u00a1-\u00ac\u00ae-\u024f]/g, letter => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

/** Cut into lines of a width, at most so many, the last marked if more would follow. */
export function fold (text: string, { width, lines }: { width: number, lines: number }): string[] {
  const folded: string[] = []
  for (let at = 0; at < text.length && folded.length < lines; at += width) folded.push(text.slice(at, at + width))
  if (text.length > width * lines) folded[lines - 1] = `${text.slice(width * (lines - 1), width * lines - 1)}…`
  return folded
}

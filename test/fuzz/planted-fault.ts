/** Code with a fault deep inside: only a search that sees how far it got finds it in reasonable time. */

const DOOR = 'MQIs'

export function fault (input: Uint8Array): void {
  let depth = 0
  if (input[0] === DOOR.charCodeAt(0)) {
    depth = 1
    if (input[1] === DOOR.charCodeAt(1)) {
      depth = 2
      if (input[2] === DOOR.charCodeAt(2)) {
        depth = 3
        if (input[3] === DOOR.charCodeAt(3)) depth = 4
      }
    }
  }
  if (depth === 4) throw new RangeError(`fault at depth ${depth}`)
}

/** Work with the square of the input. */
export function square (input: Uint8Array): number {
  let sum = 0
  for (const a of input) {
    for (const b of input) sum += a === b ? 1 : 0
  }
  return sum
}

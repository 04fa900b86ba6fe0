/** Makes an input that fails smaller, as long as it fails. */

const MOST_ATTEMPTS = 2_000

/** Takes parts away, large ones first, then puts plain letters where others stood. */
export async function minimize (input: Uint8Array, fails: (input: Uint8Array) => Promise<boolean>): Promise<Uint8Array> {
  let [smallest, attempts] = [input, 0]
  const keepIf = async (candidate: Uint8Array): Promise<boolean> => {
    if (++attempts > MOST_ATTEMPTS || !await fails(candidate)) return false
    smallest = candidate
    return true
  }
  for (let size = Math.ceil(input.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let at = 0; at < smallest.length;) {
      const without = Buffer.concat([smallest.subarray(0, at), smallest.subarray(at + size)])
      if (!await keepIf(without)) at += size
    }
  }
  for (let at = 0; at < smallest.length; at++) {
    if (smallest[at] === PLAIN) continue
    const plain = Uint8Array.from(smallest)
    plain[at] = PLAIN
    await keepIf(plain)
  }
  return smallest
}

const PLAIN = 0x78

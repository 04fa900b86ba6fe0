/**
 * Looks for many known texts in one: the demo's own check that nothing planted has left.
 *
 * Knows nothing of the guard, so that it cannot share a blind spot with it. It reads a text as it stands, and every run
 * of base64 in it decoded.
 */

export interface Planted {
  readonly value: string
  /** Texts to look for. */
  readonly spellings: readonly string[]
}

const BASE64_RUN = /[A-Za-z0-9+/_-]{12,}/g

export class LeakSearch<P extends Planted> {
  readonly #byHead = new Map<string, [spelling: string, planted: P][]>()
  readonly #headLength: number

  constructor (planted: Iterable<P>) {
    const needles = [...planted].flatMap(one => one.spellings.map(spelling => [spelling, one] as [string, P]))
    this.#headLength = Math.min(6, ...needles.map(([spelling]) => spelling.length))
    if (this.#headLength === 0) throw new TypeError('an empty spelling is in every text')
    for (const needle of needles) this.#add(needle)
  }

  /** What of the planted occurs in the text, each once. */
  find (text: string): Set<P> {
    const found = new Set<P>()
    this.#look(text, found)
    for (const [run] of text.matchAll(BASE64_RUN)) this.#look(Buffer.from(run, 'base64').toString('latin1'), found)
    return found
  }

  #add (needle: [string, P]): void {
    const head = needle[0].slice(0, this.#headLength)
    const others = this.#byHead.get(head)
    if (others === undefined) this.#byHead.set(head, [needle])
    else others.push(needle)
  }

  #look (text: string, found: Set<P>): void {
    for (let at = 0; at + this.#headLength <= text.length; at++) {
      const needles = this.#byHead.get(text.slice(at, at + this.#headLength)) ?? []
      for (const [spelling, planted] of needles) if (text.startsWith(spelling, at)) found.add(planted)
    }
  }
}

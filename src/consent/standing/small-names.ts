/** Numbers for names of which there are few, such as regimes: the first so many get one, later ones none. */
export class SmallNames {
  readonly #most: number
  readonly #numbers = new Map<string, number>()
  readonly #names: string[] = []

  constructor (most: number) {
    this.#most = most
  }

  /** The name's number, a new one where it has none; undefined where all are given away. */
  numberOf (name: string): number | undefined {
    const known = this.#numbers.get(name)
    if (known !== undefined || this.#names.length >= this.#most) return known
    this.#numbers.set(name, this.#names.length)
    return this.#names.push(name) - 1
  }

  /** @throws TypeError for a number that was not given away */
  nameOf (number: number): string {
    const name = this.#names[number]
    if (name === undefined) throw new TypeError('no name has this number')
    return name
  }
}

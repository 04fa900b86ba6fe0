/**
 * Who may write in a recipient's folder: its sink, batch after batch, or whoever writes one of its files anew.
 *
 * A file written anew is another file under the old name, so the sink has to open it again; `rewrites` tells when.
 */

export class FolderTurns {
  readonly #busy = new Map<string, Promise<unknown>>()
  readonly #rewrites = new Map<string, number>()

  /** Runs `work` alone in that folder; at once, in the turn of the call, where nobody else does. */
  async run<T> (folder: string, work: () => Promise<T>): Promise<T> {
    for (let other = this.#busy.get(folder); other !== undefined; other = this.#busy.get(folder)) await other.catch(() => {})
    const running = work()
    this.#busy.set(folder, running)
    return await running.finally(() => this.#busy.delete(folder))
  }

  /** As `run`, and the sink opens its file again afterwards. */
  async rewrite<T> (folder: string, work: () => Promise<T>): Promise<T> {
    return await this.run(folder, async () => {
      this.#rewrites.set(folder, this.rewrites(folder) + 1)
      return await work()
    })
  }

  /** How often files of that folder were written anew. */
  rewrites (folder: string): number {
    return this.#rewrites.get(folder) ?? 0
  }
}

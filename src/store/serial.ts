/** Runs tasks one after the other in the order given, so that a check and the write that relies on it are not parted. */
export class Serial {
  #tail: Promise<unknown> = Promise.resolve()

  run<T> (task: () => Promise<T> | T): Promise<T> {
    const result = this.#tail.then(task)
    this.#tail = result.catch(() => {})
    return result
  }
}

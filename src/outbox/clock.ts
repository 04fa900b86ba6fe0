/** Time as delivery needs it; tests bring their own. */

export interface Clock {
  nowMs (): number
  /** Calls back once, after about that long. Returns the way to cancel. */
  after (delayMs: number, callback: () => void): () => void
}

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  after (delayMs, callback) {
    const timer = setTimeout(callback, delayMs)
    return () => { clearTimeout(timer) }
  }
}

/** Answers whether the promise settled, one way or the other, within that time. */
export async function settlesWithin (promise: Promise<unknown>, delayMs: number, clock: Clock): Promise<boolean> {
  return await new Promise(resolve => {
    const cancel = clock.after(delayMs, () => { resolve(false) })
    const settle = () => { cancel(); resolve(true) }
    promise.then(settle, settle)
  })
}

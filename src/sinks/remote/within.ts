/** Work that is waited for no longer than it may take. */

/**
 * Rejects as soon as the signal aborts, with its reason, or the time is over, with `late()`; whatever the work does then.
 * The work is told by its own signal, at the same moment.
 */
export async function within<Result> (signal: AbortSignal, timeoutMs: number, late: () => Error, work: (until: AbortSignal) => Promise<Result>): Promise<Result> {
  const ending = new AbortController()
  const end = (): void => { ending.abort(signal.reason) }
  const timer = setTimeout(() => { ending.abort(late()) }, timeoutMs)
  signal.addEventListener('abort', end, { once: true })
  try {
    return await Promise.race([work(ending.signal), aborted(ending.signal)])
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', end)
  }
}

async function aborted (signal: AbortSignal): Promise<never> {
  return await new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => { reject(signal.reason) }, { once: true })
  })
}

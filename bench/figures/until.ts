/** Waits for a condition, looking again every few milliseconds. Rejects, with what was waited for, when it takes too long. */
export async function until (what: string, condition: () => boolean | Promise<boolean>, timeoutMs = 120_000): Promise<void> {
  const startedMs = performance.now()
  while (!await condition()) {
    if (performance.now() - startedMs > timeoutMs) throw new Error(`waited ${timeoutMs / 1000} s in vain: ${what}`)
    await new Promise(resolve => setTimeout(resolve, 10))
  }
}

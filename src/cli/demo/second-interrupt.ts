/** Whoever interrupts twice wants an end at once. One Ctrl-C may arrive twice, from the terminal and from npm: that is one. */

const INTERRUPTED = 130
const SAME_MS = 500

/** Call at the first interrupt. */
export function endAtSecondInterrupt (): void {
  const firstMs = performance.now()
  process.on('SIGINT', () => { if (performance.now() - firstMs > SAME_MS) process.exit(INTERRUPTED) })
}

/** The end of the process, whatever is under way. */

/**
 * `process.exit` waits for the threads of Node's pool. The store's writer may be one of them and wait, in the middle of a
 * transaction, for an answer of this thread: then the process would neither end nor work, and keep the data folder.
 *
 * Nothing acknowledged is lost by it: that is on disk.
 */
export function endAtOnce (): void {
  process.kill(process.pid, 'SIGKILL')
}

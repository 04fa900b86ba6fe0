/** Calls into hooks that others wrote: whatever they do, the answer comes exactly once. */

/**
 * Runs `call` with a callback; a throw, a rejected promise and silence past `timeoutMs` all answer with an error.
 *
 * aedes ends the process where a hook throws or rejects, and waits without end where it never answers.
 */
export function answerOnce<T extends unknown[]> (call: (done: (...answer: T) => void) => unknown, onAnswer: (...answer: T) => void, onFailure: (error: Error) => void, timeoutMs: number): void {
  let answered = false
  const settle = (act: () => void): void => {
    if (answered) return
    answered = true
    clearTimeout(timer)
    act()
  }
  const fail = (): void => settle(() => onFailure(new Error('a hook failed')))
  const timer = setTimeout(fail, timeoutMs)
  try {
    Promise.resolve(call((...answer) => settle(() => onAnswer(...answer)))).catch(fail)
  } catch {
    fail()
  }
}

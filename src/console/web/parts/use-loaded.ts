/** Something that is asked of the API when a part is shown, and asked again on demand or when what it depends on changes. */

import { useCallback, useEffect, useState } from 'preact/hooks'
import { isAborted } from '../api/request.js'

export interface Loaded<T> {
  /** The last answer; stays while a newer one is on its way. */
  readonly value: T | undefined
  readonly problem: string | undefined
  readonly reload: () => void
}

export function useLoaded<T> (load: (signal: AbortSignal) => Promise<T>, inputs: readonly unknown[]): Loaded<T> {
  const [state, setState] = useState<{ value?: T, problem?: string }>({})
  const [round, setRound] = useState(0)
  useEffect(() => {
    const ending = new AbortController()
    load(ending.signal).then(
      value => { if (!ending.signal.aborted) setState({ value }) },
      (error: unknown) => { if (!ending.signal.aborted && !isAborted(error)) setState(before => ({ ...before, problem: (error as Error).message })) }
    )
    return () => ending.abort()
  }, [...inputs, round])
  const reload = useCallback(() => setRound(before => before + 1), [])
  return { value: state.value, problem: state.problem, reload }
}

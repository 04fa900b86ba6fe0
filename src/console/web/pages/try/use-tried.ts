/** Tries again a moment after the last change; what was asked before is given up. */

import { useEffect, useState } from 'preact/hooks'
import { isAborted } from '../../api/request.js'
import { tryOut, type Trial, type Tried } from './try-data.js'

const QUIET_MS = 250

export interface Trying {
  /** The last answer; stays while a newer one is on its way. */
  readonly tried: Tried | undefined
  /** The report that the last answer is of. */
  readonly payload: string
  readonly problem: string | undefined
  readonly isBusy: boolean
}

export function useTried (trial: Trial): Trying {
  const [state, setState] = useState<Trying>({ tried: undefined, payload: '', problem: undefined, isBusy: true })
  useEffect(() => {
    const ending = new AbortController()
    setState(before => ({ ...before, isBusy: true }))
    const timer = setTimeout(() => {
      tryOut(trial, ending.signal).then(
        tried => setState({ tried, payload: trial.payload, problem: undefined, isBusy: false }),
        (error: unknown) => { if (!isAborted(error)) setState(before => ({ ...before, problem: (error as Error).message, isBusy: false })) }
      )
    }, QUIET_MS)
    return () => {
      clearTimeout(timer)
      ending.abort()
    }
  }, [JSON.stringify(trial)])
  return state
}

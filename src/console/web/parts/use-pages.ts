/** A list that the API answers page by page, and what was asked of it so far. */

import { useState } from 'preact/hooks'
import { useLoaded, type Loaded } from './use-loaded.js'

export interface Pages<T> extends Loaded<readonly T[]> {
  /** Adds the next page; undefined where there is none. */
  readonly more: (() => void) | undefined
}

/** `load` answers one page; as many as were asked for are shown, all of the same moment after a reload. */
export function usePages<T extends { readonly next?: string }> (load: (after: string | undefined, signal: AbortSignal) => Promise<T>, inputs: readonly unknown[]): Pages<T> {
  const [count, setCount] = useState(1)
  const { value, problem, reload } = useLoaded(async signal => {
    const pages = [await load(undefined, signal)]
    for (let next = pages[0]?.next; next !== undefined && pages.length < count;) {
      const page = await load(next, signal)
      pages.push(page)
      next = page.next
    }
    return { pages }
  }, [...inputs, count])
  const more = value?.pages.at(-1)?.next === undefined ? undefined : () => setCount(value.pages.length + 1)
  return { value: value?.pages, problem, reload, more }
}

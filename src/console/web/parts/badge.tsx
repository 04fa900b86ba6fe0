/** A word in a colored ground; the word says it all, the color only repeats it. */

import type { ComponentChildren } from 'preact'

export type Tone = 'plain' | 'leaves' | 'stays' | 'alarm' | 'accent'

export function Badge ({ tone = 'plain', children }: { tone?: Tone, children: ComponentChildren }) {
  return <span class={tone === 'plain' ? 'badge' : `badge ${tone}`}>{children}</span>
}

/** A remark set apart: plain, or in the color of what it is about. */

import type { ComponentChildren } from 'preact'

export function Note ({ tone, children }: { tone?: 'alarm' | 'leaves' | 'stays', children: ComponentChildren }) {
  return <div class={tone === undefined ? 'note' : `note ${tone}`}>{children}</div>
}

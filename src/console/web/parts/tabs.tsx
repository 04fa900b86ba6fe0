/** Parts of a page, each with an address of its own. */

import type { ComponentChildren } from 'preact'
import { linkTo } from '../router.js'

export interface Tab {
  /** Parts of the address. */
  readonly to: readonly string[]
  readonly title: string
  readonly more?: ComponentChildren
}

export function Tabs ({ label, tabs, current }: { label: string, tabs: readonly Tab[], current: Tab | undefined }) {
  return (
    <nav class='tabs' aria-label={label}>
      <ul>
        {tabs.map(tab => (
          <li key={tab.title}><a href={linkTo(...tab.to)} aria-current={tab === current ? 'page' : undefined}>{tab.title}{tab.more}</a></li>
        ))}
      </ul>
    </nav>
  )
}

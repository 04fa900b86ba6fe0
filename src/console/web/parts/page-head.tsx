/** Title, one sentence, and what the page as a whole can do. */

import type { ComponentChildren } from 'preact'

export function PageHead ({ title, about, children }: { title: string, about: ComponentChildren, children?: ComponentChildren }) {
  return (
    <div class='page-head'>
      <div>
        <h1 tabIndex={-1}>{title}</h1>
        <p>{about}</p>
      </div>
      {children !== undefined && <div class='row'>{children}</div>}
    </div>
  )
}

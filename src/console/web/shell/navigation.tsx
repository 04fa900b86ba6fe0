/** The bar with the pages that the role may use, and who is signed in. */

import { useState } from 'preact/hooks'
import { PAGES, type Page } from '../pages/pages.js'
import { linkTo } from '../router.js'
import { session, signOut, type Session } from '../session.js'
import { Brand } from './brand.js'
import { setTheme, theme, type Theme } from './theme.js'

const ROLE = { ops: 'Operations', auditor: 'Auditor, read only', account: 'Account holder' } as const
const THEMES: readonly (readonly [Theme, string])[] = [['system', 'Auto'], ['light', 'Light'], ['dark', 'Dark']]

export function Navigation ({ current, shown }: { current: Page | undefined, shown: Session }) {
  const [open, setOpen] = useState(false)
  const pages = PAGES.filter(({ roles }) => roles.includes(shown.role))
  return (
    <header class='bar' data-open={open ? '' : undefined}>
      <Brand />
      <button type='button' class='menu compact' aria-expanded={open} aria-controls='pages' onClick={() => setOpen(!open)}>Menu</button>
      <nav class='pages' id='pages' aria-label='Pages'>
        <ul>
          {pages.map(page => (
            <li key={page.path}>
              <a href={linkTo(page.path)} aria-current={page === current ? 'page' : undefined} onClick={() => setOpen(false)}>{page.title}</a>
            </li>
          ))}
        </ul>
      </nav>
      <div class='who'>
        <fieldset class='themes' aria-label='Colors'>
          {THEMES.map(([name, text]) => <button key={name} type='button' class='compact' aria-pressed={theme.value === name} onClick={() => setTheme(name)}>{text}</button>)}
        </fieldset>
        <dl>
          <div><dt>Signed in</dt><dd>{ROLE[shown.role]}</dd></div>
          {session.value?.role !== 'account' && <div><dt>Policy in force</dt><dd class='mono' title={shown.policy}>{shown.policy.slice(0, 12)}</dd></div>}
        </dl>
        <button type='button' class='compact' onClick={() => signOut()}>Sign out</button>
      </div>
    </header>
  )
}

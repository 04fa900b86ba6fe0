/** Light, dark, or as the system says. The choice is kept in the browser; it says nothing of anybody. */

import { signal } from '@preact/signals'

export type Theme = 'system' | 'light' | 'dark'

const KEY = 'curtilage.theme'
const systemDark = window.matchMedia('(prefers-color-scheme: dark)')

export const theme = signal<Theme>(read())
/** Changes whenever colors do: charts are drawn anew. */
export const isDark = signal(false)

systemDark.addEventListener('change', applyTheme)

export function setTheme (chosen: Theme): void {
  theme.value = chosen
  localStorage.setItem(KEY, chosen)
  applyTheme()
}

export function applyTheme (): void {
  const { dataset } = document.documentElement
  if (theme.value === 'system') delete dataset.theme
  else dataset.theme = theme.value
  isDark.value = theme.value === 'dark' || (theme.value === 'system' && systemDark.matches)
}

function read (): Theme {
  const kept = localStorage.getItem(KEY)
  return kept === 'light' || kept === 'dark' ? kept : 'system'
}

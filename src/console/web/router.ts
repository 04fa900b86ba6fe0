/** Which page is shown: the part of the address after `#/`. It names pages and public ids, never a token. */

import { computed, signal } from '@preact/signals'

const place = signal(read())
window.addEventListener('hashchange', () => { place.value = read() })

/** The path's parts: `#/accounts/home-1` → `['accounts', 'home-1']`. */
export const route = computed(() => place.value.split('/').filter(part => part !== '').map(decode))

export function linkTo (...parts: readonly string[]): string {
  return `#/${parts.map(encodeURIComponent).join('/')}`
}

export function goTo (...parts: readonly string[]): void {
  location.hash = linkTo(...parts)
}

function read (): string {
  return location.hash.replace(/^#\/?/, '')
}

function decode (part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}

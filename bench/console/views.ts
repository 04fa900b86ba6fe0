/** What is pictured: a page, and what is done on it before. */

import type { Page } from 'playwright-core'

/** Until there is something to see. */
const SETTLED_MS = 12_000

export interface View {
  readonly name: string
  /** Absent: before the sign-in. */
  readonly path?: string
  readonly prepare?: (page: Page) => Promise<void>
}

export const VIEWS: readonly View[] = [
  { name: 'sign-in' },
  {
    name: 'flow',
    path: 'flow',
    prepare: async page => {
      await page.getByRole('img', { name: /^Flow diagram/ }).waitFor()
      await page.waitForTimeout(SETTLED_MS)
    }
  },
  { name: 'matrix', path: 'matrix', prepare: async page => await page.getByRole('grid').waitFor() },
  {
    name: 'matrix-cell',
    path: 'matrix',
    prepare: async page => {
      await page.getByRole('button', { name: /^location\.geo, product-analytics/ }).click()
      await page.getByRole('dialog').waitFor()
    }
  }
]

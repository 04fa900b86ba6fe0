/** What is pictured: a page, and what is done on it before. */

import type { Page } from 'playwright-core'

export interface View {
  readonly name: string
  /** Absent: before the sign-in. */
  readonly path?: string
  readonly prepare?: (page: Page) => Promise<void>
}

export const VIEWS: readonly View[] = [
  { name: 'sign-in' },
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

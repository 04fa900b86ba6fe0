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
  },
  { name: 'try', path: 'try', prepare: async page => await page.getByRole('table', { name: /^As sent/ }).waitFor() },
  { name: 'try-home', path: 'try/home', prepare: async page => await page.getByRole('table', { name: /^As sent/ }).waitFor() },
  { name: 'try-rules', path: 'try/rules', prepare: async page => await draftWiderGrid(page) }
]

/** A draft in which locations leave more precisely: wider, and a case says otherwise. */
async function draftWiderGrid (page: Page): Promise<void> {
  await page.getByRole('row', { name: /^latitude_i/ }).getByRole('button').click()
  await page.getByRole('textbox', { name: 'recipients/product-analytics.yaml' }).locator('.cm-activeLine').getByText('10km').waitFor()
  await page.keyboard.press('Control+Shift+K')
  await page.keyboard.insertText('  location.geo: { grid: 1km }\n')
  await page.getByRole('heading', { name: 'Tests' }).waitFor()
}

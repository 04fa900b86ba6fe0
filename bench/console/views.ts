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
  { name: 'accounts', path: 'accounts', prepare: async page => await page.getByRole('table', { name: 'Accounts' }).waitFor() },
  {
    name: 'account',
    path: 'accounts/home-0001',
    prepare: async page => {
      await page.getByText(/^3 records/).first().click()
      await page.getByRole('heading', { name: 'What left' }).waitFor()
    }
  },
  { name: 'alarms', path: 'alarms', prepare: async page => await page.getByRole('heading', { name: 'Over time' }).waitFor() },
  { name: 'quarantine', path: 'alarms/quarantine', prepare: async page => await page.getByRole('heading', { name: 'Quarantine', exact: true }).waitFor() },
  { name: 'audit', path: 'alarms/audit', prepare: async page => await page.getByRole('table', { name: 'Audit log' }).waitFor() },
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
  { name: 'try-rules', path: 'try/rules', prepare: async page => await draftWiderGrid(page) },
  {
    name: 'policies',
    path: 'policies',
    prepare: async page => {
      await makeHistory(page)
      await page.reload()
      await page.getByRole('heading', { name: /^Waits/ }).waitFor()
    }
  },
  {
    name: 'matrix-differences',
    path: 'matrix',
    prepare: async page => {
      await makeHistory(page)
      await page.reload()
      const against = page.getByLabel('Compare with')
      await against.selectOption(await against.getByRole('option', { name: /, waits/ }).getAttribute('value'))
      await page.getByText(/^\d+ cells? gives? out something else/).waitFor()
    }
  },
  { name: 'fields', path: 'fields', prepare: async page => await page.getByRole('heading', { name: 'Unclassified' }).waitFor() }
]

/** A policy that took the place of the first one, and another that waits to take its place. */
async function makeHistory (page: Page): Promise<void> {
  await page.evaluate(`(async () => {
    const ask = async (path, body) => await (await fetch(path, { method: body === undefined ? 'GET' : 'POST', headers: { authorization: 'Bearer ' + sessionStorage.getItem('curtilage.token'), ...(body !== undefined && { 'content-type': 'application/json' }) }, ...(body !== undefined && { body: JSON.stringify(body) }) })).json()
    const file = 'recipients/product-analytics.yaml'
    for (const [from, to, reason] of [['round: 15m', 'round: 1h', 'Hours are enough for what we measure'], ['grid: 10km', 'grid: 1km', 'A study of signal strength by village']]) {
      const { digest, files } = await ask('/v1/try')
      if (files[file].includes(from)) await ask('/v1/policies', { of: digest, files: { [file]: files[file].replace(from, to) }, reason, by: 'Noor Haddad' })
    }
  })()`)
}

/** A draft in which locations leave more precisely: wider, and a case says otherwise. */
async function draftWiderGrid (page: Page): Promise<void> {
  await page.getByRole('row', { name: /^latitude_i/ }).getByRole('button').click()
  await page.getByRole('textbox', { name: 'recipients/product-analytics.yaml' }).locator('.cm-activeLine').getByText('10km').waitFor()
  await page.keyboard.press('Control+Shift+K')
  await page.keyboard.insertText('  location.geo: { grid: 1km }\n')
  await page.getByRole('heading', { name: 'Tests' }).waitFor()
}

/**
 * Pictures of the web console for docs/console.md: `npm run screenshots [-- PAGE...]`, into docs/images/console.
 *
 * A gateway of its own with a simulated neighborhood; each page light, dark and at a phone's width.
 */

import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { argv, env } from 'node:process'
import { chromium, type Browser, type Page } from 'playwright-core'
import { VIEWS, type View } from './views.js'
import { startNeighborhood } from './start-neighborhood.js'

const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync)
const FOLDER = env.SCREENSHOTS ?? 'docs/images/console'
const FORMS = [
  { name: 'light', colorScheme: 'light', viewport: { width: 1280, height: 860 } },
  { name: 'dark', colorScheme: 'dark', viewport: { width: 1280, height: 860 } },
  { name: 'phone', colorScheme: 'light', viewport: { width: 360, height: 740 } }
] as const

async function main (): Promise<void> {
  if (CHROMIUM === undefined) throw new Error('no Chromium: apt-get install chromium')
  const data = mkdtempSync(join(tmpdir(), 'curtilage-screenshots-'))
  const neighborhood = await startNeighborhood(data)
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox', '--disable-gpu', '--force-color-profile=srgb'] })
  mkdirSync(FOLDER, { recursive: true })
  try {
    const views = VIEWS.filter(({ name }) => argv.length < 3 || argv.includes(name))
    for (const form of FORMS) await take(browser, neighborhood, form, views)
  } finally {
    await browser.close()
    await neighborhood.stop()
    rmSync(data, { recursive: true, force: true })
  }
}

async function take (browser: Browser, { url, token }: { url: string, token: string }, { name: form, ...options }: typeof FORMS[number], views: readonly View[]): Promise<void> {
  const context = await browser.newContext({ ...options, reducedMotion: 'reduce' })
  const page = await context.newPage()
  await page.goto(url)
  for (const { name, path, prepare } of views) {
    if (path === undefined) {
      await picture(page, `${name}-${form}`)
      continue
    }
    await signIn(page, token)
    await page.evaluate(`location.hash = ${JSON.stringify(`#/${path}`)}`)
    await page.locator('main h1').waitFor()
    await prepare?.(page)
    await picture(page, `${name}-${form}`)
    await page.goto(url)
  }
  await context.close()
}

async function signIn (page: Page, token: string): Promise<void> {
  const field = page.getByLabel('Token')
  await page.locator('main').waitFor()
  if (!await field.isVisible()) return
  await field.fill(token)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.locator('main#content').waitFor()
}

async function picture (page: Page, name: string): Promise<void> {
  await page.waitForLoadState('networkidle').catch(() => {})
  const path = join(FOLDER, `${name}.png`)
  await page.screenshot({ path, fullPage: env.FULL === '1' })
  // a palette of 256 colors is enough, and a third of the size; where there is no pngquant they are larger
  spawnSync('pngquant', ['--force', '--skip-if-larger', '--output', path, '256', path])
}

await main()

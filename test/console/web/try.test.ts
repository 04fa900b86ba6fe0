/** Try it, in a browser: reports, homes and drafts, and what stays of them. */

import t from 'tap'
import type { Page } from 'playwright-core'
import { closeBrowser, goTo, signedIn, startHome, unable } from './browser.js'

t.teardown(closeBrowser)

const ANALYTICS = 'recipients/product-analytics.yaml'
const WORD = 'Tr7yWord'

function row (page: Page, name: RegExp) {
  return page.getByRole('table', { name: /^As sent/ }).getByRole('row', { name })
}

/** Puts a line in place of the one that a rule link leads to. */
async function replaceLine (page: Page, of: RegExp, text: string): Promise<void> {
  await row(page, of).getByRole('button').click()
  await page.getByRole('textbox', { name: ANALYTICS }).locator('.cm-activeLine').getByText('grid').waitFor()
  await page.keyboard.press('Control+Shift+K')
  await page.keyboard.insertText(`${text}\n`)
}

t.test('try it: samples, own reports, homes -> value by value, with grounds; quarantine; no violations, light and dark', { skip: unable }, async t => {
  const home = await startHome(t)
  const { page, wrong, violations } = await signedIn(t, home, 'try')
  await row(page, /^timestamp/).getByText('to 15 min').waitFor()
  t.match(await row(page, /^timestamp/).innerText(), /1767608430[^]*1767608100[^]*time\.event[^]*product-analytics\.yaml:\d+[^]*clause 1\.2/)
  t.match(await row(page, /^bssid/).innerText(), /C80E14A15E34[^]*stays: addresses never leave/)
  t.strictSame(await violations(), [])
  await page.getByRole('button', { name: 'Dark' }).click()
  t.strictSame(await violations(), [], 'dark')

  await page.getByLabel('Simulated report').selectOption('sysinfo/plug')
  await row(page, /^sw_ver/).waitFor()
  await page.getByRole('button', { name: /^device-health withheld: no consent/ }).click()
  await row(page, /^sw_ver/).getByText('stays: no consent').waitFor()

  await goTo(page, 'try/home')
  t.strictSame(await violations(), [], 'home')
  await page.getByLabel('analyze-use').selectOption('granted')
  await page.getByRole('button', { name: /^device-health \d+ of \d+ values leave/ }).waitFor()
  await page.getByLabel('A minor\'s account').check()
  await page.getByRole('button', { name: /^device-health withheld: a minor's account/ }).waitFor()
  await page.getByRole('button', { name: 'A registered account' }).click()
  await page.getByLabel('Account').fill('nobody')
  await page.getByRole('alert').getByText('no account of this id is registered').waitFor()
  await page.getByLabel('Account').fill('home-1')
  await page.getByRole('button', { name: /^product-analytics \d+ of \d+ values leave/ }).waitFor()
  await page.getByRole('button', { name: /^device-health withheld: consent denied/ }).waitFor()

  await goTo(page, 'try/report')
  await page.getByLabel(/^The report/).fill('{"event": "motion", "event": 1}')
  await page.getByLabel('Report type').selectOption('motion')
  await page.getByText('Quarantined: a key stands twice.').waitFor()
  await page.getByLabel(/^The report/).fill('{')
  await page.getByText('Quarantined: not JSON.').waitFor()
  t.strictSame(wrong, [])
})

t.test('try it: a draft -> errors at their line as one types; what it changes, cases, files to take along; gone with the session', { skip: unable }, async t => {
  const home = await startHome(t)
  const { page, wrong, violations } = await signedIn(t, home, 'try')
  await replaceLine(page, /^latitude_i/, '  location.goe: { grid: 1km }')
  const problem = page.getByRole('button', { name: new RegExp(`^${ANALYTICS}:\\d+:3$`) })
  await problem.waitFor()
  await page.getByText('The draft has 1 problem').waitFor()
  const editor = page.getByRole('textbox', { name: ANALYTICS })
  t.equal(await editor.locator('.cm-lintRange-error').innerText(), 'location.goe')
  await page.getByRole('status').getByText(/did you mean 'location\.geo'\?/).waitFor()
  t.strictSame(await violations(), [])

  await problem.click()
  await page.keyboard.press('Home')
  await page.keyboard.press('Control+Shift+K')
  await page.keyboard.insertText('  location.geo: { grid: 1km }\n')
  await row(page, /^latitude_i/).getByText(/^in force: 524988, to a grid of 10 km$/).waitFor()
  await page.getByRole('table', { name: 'Changes' }).getByRole('row', { name: /wider product-analytics/ }).waitFor()
  await page.getByRole('heading', { name: /cells of ten kilometers/ }).waitFor()
  t.match(await page.getByRole('group', { name: 'The draft' }).innerText(), /4[67] of 48/)
  t.strictSame(await violations(), [], 'with a draft')
  const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Download product-analytics.yaml' }).click()])
  t.equal(file.suggestedFilename(), 'product-analytics.yaml')

  await goTo(page, 'matrix')
  await page.getByRole('grid').waitFor()
  await goTo(page, 'try/rules')
  await page.getByText('1 changed').waitFor()
  await page.getByRole('button', { name: 'Undo changes of this file' }).click()
  await page.getByText('by the rules in force').waitFor()
  await page.getByLabel('Path of a new file').fill('recipients/other.yaml')
  await page.getByRole('button', { name: 'Add file' }).click()
  await page.getByRole('button', { name: 'recipients/other.yaml:1:1' }).waitFor()
  await page.getByRole('button', { name: 'Sign out' }).click()
  await page.getByLabel('Token').fill(await home.token('ops'))
  await page.keyboard.press('Enter')
  await page.getByText('by the rules in force').waitFor()
  t.equal(await page.getByText('1 changed').count(), 0)
  t.strictSame(wrong, [])
})

t.test('try it: an auditor -> reads the rules and cannot draft', { skip: unable }, async t => {
  const { page, wrong, violations } = await signedIn(t, await startHome(t), 'try', { role: 'auditor' })
  await row(page, /^latitude_i/).getByRole('button').click()
  const editor = page.getByRole('textbox', { name: ANALYTICS })
  await editor.locator('.cm-activeLine').getByText('grid').waitFor()
  await page.keyboard.insertText('x')
  await page.keyboard.press('Control+Shift+K')
  await editor.locator('.cm-activeLine').getByText('grid').waitFor()
  t.equal(await page.getByRole('button', { name: 'Leave it out' }).count(), 0)
  t.strictSame(await violations(), [])
  t.strictSame(wrong, [])
})

t.test('try it: a pasted report -> goes to one route, and is in no address and no storage of the browser', { skip: unable }, async t => {
  const { page, wrong } = await signedIn(t, await startHome(t), 'try')
  const sent = new Set<string>()
  page.on('request', request => { if (`${request.url()} ${request.postData() ?? ''}`.includes(WORD)) sent.add(`${request.method()} ${new URL(request.url()).pathname}`) })
  await page.getByLabel(/^The report/).fill(`{"event": "${WORD}", "${WORD}": 1}`)
  await row(page, new RegExp(`^event ${WORD}`)).waitFor()
  t.strictSame([...sent], ['POST /v1/try'])
  t.notOk(page.url().includes(WORD))
  t.notOk(String(await page.evaluate('JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie])')).includes(WORD))
  await goTo(page, 'matrix')
  await goTo(page, 'try')
  await row(page, /^timestamp/).waitFor()
  t.notOk((await page.content()).includes(WORD), 'left behind with the page')
  t.strictSame(wrong, [])
})

t.test('try it: a phone\'s width -> nothing moves sideways', { skip: unable }, async t => {
  const { page, violations } = await signedIn(t, await startHome(t), 'try', { viewport: { width: 360, height: 740 } })
  for (const part of ['report', 'home', 'rules']) {
    await goTo(page, `try/${part}`)
    await row(page, /^timestamp/).waitFor()
    t.ok(await page.evaluate('document.documentElement.scrollWidth <= 360'), part)
    t.strictSame(await violations(), [], part)
  }
})

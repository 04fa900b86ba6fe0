/** Accounts in the browser: found, consent granted, narrowed, withdrawn, facts changed, what left, export, erased; each role its own. */

import t from 'tap'
import { readFileSync } from 'node:fs'
import type { Page } from 'playwright-core'
import { closeBrowser, goTo, overflow, sendMotion, signedIn, startHome, unable, type Home } from './browser.js'

t.teardown(closeBrowser)

function stateOf ({ running }: Home, purpose: string): string | undefined {
  return running.gateway.core.ledger.current('home-1')?.records.find(record => record.purpose === purpose && record.recipient === undefined && record.category === undefined)?.state
}

function purpose (page: Page, name: string) {
  return page.locator('li.purpose', { has: page.getByRole('heading', { name, exact: true }) })
}

t.test('accounts: found by the beginning of its id, opened by the keyboard -> its page, with the focus on its heading', { skip: unable }, async t => {
  const home = await startHome(t)
  const { registry } = home.running.gateway.core
  for (let made = 0; made < 30; made++) await registry.accounts.add({ account: `villa-${String(made).padStart(2, '0')}`, regime: 'opt-out', optOutSignal: made === 3 })
  const { page, wrong, violations } = await signedIn(t, home, 'accounts')
  const table = page.getByRole('table', { name: 'Accounts' })
  await table.getByText('home-1').waitFor()
  t.equal(await table.getByRole('row').count(), 26)
  t.strictSame(await violations(), [])
  await page.getByRole('button', { name: 'Next' }).click()
  await table.getByText('villa-29').waitFor()
  t.equal(await page.getByRole('button', { name: 'Next' }).isDisabled(), true)
  await page.getByLabel('Find an account').fill('villa-03')
  await table.getByText('opt-out signal').waitFor()
  await page.getByLabel('Find an account').fill('zz')
  await page.getByText('None begins with “zz”.').waitFor()
  await page.getByLabel('Find an account').fill('home-1')
  await table.getByText('home-1').waitFor()
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'home-1', level: 1 }).waitFor()
  await page.waitForFunction("document.activeElement?.textContent === 'home-1'")
  t.strictSame(wrong, [])
})

t.test('accounts: more devices than a page -> asked for page by page', { skip: unable }, async t => {
  const home = await startHome(t)
  await home.running.gateway.core.registry.devices.addAll(Array.from({ length: 220 }, (_, i) => ({ account: 'home-1', device: `plug-${String(i).padStart(3, '0')}`, certificateOnly: true })))
  const { page, wrong } = await signedIn(t, home, 'accounts/home-1')
  const devices = page.getByRole('table', { name: 'Devices' })
  for (const [shown, last] of [[100, 'plug-098'], [200, 'plug-198']] as const) {
    await page.getByText(`${shown} devices so far`).waitFor()
    await devices.getByText(last, { exact: true }).waitFor()
    t.equal(await devices.getByRole('row').count(), shown + 1)
    await page.getByRole('button', { name: 'Show more' }).click()
  }
  await devices.getByText('plug-219', { exact: true }).waitFor()
  t.equal(await devices.getByRole('row').count(), 222)
  await page.getByText('221 devices: all of them').waitFor()
  t.equal(await page.evaluate('document.activeElement.textContent'), '221 devices: all of them', 'the focus does not fall out of the page')
  t.equal(await page.getByRole('button', { name: 'Show more' }).count(), 0)
  t.strictSame(wrong, [])
})

t.test('account: withdrawn, granted with a scope and an end, as of before -> in the ledger, on the page and in its history', { skip: unable }, async t => {
  const home = await startHome(t)
  const { page, wrong, violations } = await signedIn(t, home, 'accounts/home-1')
  await purpose(page, 'improve-products').getByText(/^granted on/).first().waitFor()
  t.strictSame(await violations(), [])
  await page.getByRole('button', { name: 'Withdraw improve-products' }).click()
  await page.getByRole('dialog').waitFor()
  t.strictSame(await violations(), [], 'with the dialog')
  await page.getByRole('button', { name: 'Withdraw', exact: true }).click()
  await purpose(page, 'improve-products').getByText(/^withdrawn on/).first().waitFor()
  t.equal(stateOf(home, 'improve-products'), 'withdrawn')

  await page.getByRole('button', { name: 'With a scope…' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Purpose').selectOption('improve-products')
  await dialog.getByLabel('Recipient').selectOption('product-analytics')
  await dialog.getByLabel('Category').selectOption('sensor.motion')
  await dialog.getByLabel('Device').selectOption('motion-1')
  await dialog.getByLabel('Runs out (optional)').fill('2030-01-31T12:00')
  await dialog.getByRole('button', { name: 'Grant' }).click()
  await dialog.waitFor({ state: 'detached' })
  await purpose(page, 'improve-products').getByText('but sensor.motion, device motion-1:').waitFor()
  const narrow = home.running.gateway.core.ledger.current('home-1')?.records.find(({ category }) => category === 'sensor.motion')
  t.match(narrow, { state: 'granted', recipient: 'product-analytics', device: 'motion-1', source: 'console', actor: 'ops' })
  t.equal(new Date(narrow?.expires ?? 0).getUTCFullYear(), 2030)

  await purpose(page, 'improve-products').getByText(/^3 records/).click()
  await page.getByText('to product-analytics, of sensor.motion, of device motion-1').waitFor()
  t.strictSame(await violations(), [], 'with the history')
  await page.getByLabel('As it stood at').fill('2020-01-01T00:00')
  await page.getByText('no account of this id is registered').waitFor()
  t.strictSame(wrong, [])
})

t.test('account: reports were delivered -> counts by recipient and category; a phone, dark -> no overflow, no violations', { skip: unable }, async t => {
  const home = await startHome(t)
  const stop = await sendMotion(t, home)
  const { page, wrong, violations } = await signedIn(t, home, 'accounts/home-1', { colorScheme: 'dark', viewport: { width: 360, height: 740 } })
  await page.getByRole('heading', { name: 'What left' }).waitFor()
  const row = page.getByRole('row', { name: /^sensor\.motion/ })
  // the counts are written when a batch is delivered
  for (let tries = 0; tries < 60 && await row.count() === 0; tries++) {
    await page.getByRole('button', { name: tries % 2 === 0 ? '7 days' : '30 days' }).click()
    await row.waitFor({ timeout: 1000 }).catch(() => {})
  }
  t.match(await row.innerText(), /[1-9]/)
  await page.getByText(/counts are kept for 400 days/).waitFor()
  await page.getByRole('row', { name: /^motion-1/ }).waitFor()
  t.ok(await overflow(page) <= 0)
  t.strictSame(await violations(), [])
  t.equal((await page.locator('body').innerText()).includes('50:C7'), false)
  await stop()
  t.strictSame(wrong, [])
})

t.test('account: facts changed, exported, erased -> once its id is written, and not before', { skip: unable }, async t => {
  const home = await startHome(t)
  const { page, wrong } = await signedIn(t, home, 'accounts/home-1')
  await page.getByRole('button', { name: 'Change…' }).click()
  await page.getByLabel('Regime').selectOption('opt-out')
  await page.getByRole('checkbox', { name: /^Opt-out signal/ }).check()
  await page.getByRole('button', { name: 'Record' }).click()
  await page.locator('.badge', { hasText: 'opt-out signal' }).waitFor()
  t.match(home.running.gateway.core.registry.accounts.show('home-1'), { regime: 'opt-out', optOutSignal: true })

  const downloading = page.waitForEvent('download')
  await page.getByRole('button', { name: 'Export' }).click()
  const download = await downloading
  t.equal(download.suggestedFilename(), 'home-1.json')
  t.match(JSON.parse(readFileSync(await download.path(), 'utf8')), { account: 'home-1', devices: [{ device: 'motion-1' }] })

  await page.getByRole('button', { name: 'Erase…' }).click()
  const erase = page.getByRole('button', { name: 'Erase for good' })
  await page.getByLabel('Write home-1 to go on').fill('home-2')
  t.ok(await erase.isDisabled())
  await page.keyboard.press('Enter')
  t.ok(home.running.gateway.core.registry.accounts.show('home-1') !== undefined, 'still there')
  await page.getByLabel('Write home-1 to go on').fill('home-1')
  await erase.click()
  await page.getByText(/^Account home-1 is erased: 1 device/).waitFor()
  t.equal(home.running.gateway.core.registry.accounts.show('home-1'), undefined)
  t.strictSame(wrong, [])
})

t.test('roles: the account holder sees and states their own alone; an auditor reads', { skip: unable }, async t => {
  const home = await startHome(t)
  const own = await signedIn(t, home, '', { role: 'account:home-1' })
  await own.page.getByRole('heading', { name: 'home-1', level: 1 }).waitFor()
  t.strictSame(await own.page.getByRole('navigation', { name: 'Pages' }).getByRole('link').allInnerTexts(), ['My account'])
  t.equal(await own.page.getByRole('button', { name: /Erase|Change…/ }).count(), 0)
  await own.page.getByRole('button', { name: 'Grant analyze-use' }).click()
  await own.page.getByRole('button', { name: 'Grant', exact: true }).click()
  await purpose(own.page, 'analyze-use').getByText(/^granted on/).first().waitFor()
  t.equal(stateOf(home, 'analyze-use'), 'granted')
  t.strictSame(await own.violations(), [])
  for (const path of ['accounts/home-2', 'flow', 'alarms', 'alarms/audit']) {
    await goTo(own.page, path)
    await own.page.getByText('There is no such page, or your token may not see it.').waitFor()
  }
  const auditor = await signedIn(t, home, 'accounts/home-1', { role: 'auditor' })
  await purpose(auditor.page, 'analyze-use').waitFor()
  t.equal(await auditor.page.getByRole('button', { name: /^(Grant|Withdraw|With a scope|Change|Erase)/ }).count(), 0)
  await auditor.page.getByRole('button', { name: 'Export' }).waitFor()
  t.strictSame([...own.wrong, ...auditor.wrong], [])
})

/** Debian's Chromium on the console of a gateway of its own, and what every page has to hold. */

import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { setTimeout } from 'node:timers/promises'
import { connectAsync } from 'mqtt'
import type { Test } from 'tap'
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core'
import { builtConsole } from '../../../src/console/web-files.js'
import { startGateway, type RunningGateway } from '../../../src/start-gateway.js'

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const LOCAL = { host: '127.0.0.1', port: 0 }

const executablePath = PLACES.find(existsSync)

/** Why the tests of a browser cannot run here; false where they can. */
export const unable = executablePath === undefined
  ? 'no Chromium: apt-get install chromium'
  : builtConsole() === undefined ? 'the console is not built: npm run build' : false

let launched: Promise<Browser> | undefined

/** One for all tests of a file; `closeBrowser` ends it. */
async function browser (): Promise<Browser> {
  launched ??= chromium.launch({ executablePath: executablePath ?? '', args: ['--no-sandbox', '--disable-gpu'] })
  return await launched
}

export async function closeBrowser (): Promise<void> {
  await (await launched)?.close()
}

export interface Home {
  readonly running: RunningGateway
  readonly data: string
  readonly url: string
  token (role: string): Promise<string>
}

/** A gateway with two accounts: home-1 has granted two purposes, home-2 nothing. */
export async function startHome (t: Test, config = 'config'): Promise<Home> {
  const data = t.testdir()
  const running = await startGateway({ config, data, mqtt: LOCAL, http: LOCAL })
  t.teardown(async () => { await running.close() })
  const { registry, ledger } = running.gateway.core
  for (const account of ['home-1', 'home-2']) await registry.accounts.add({ account, regime: 'opt-in', region: 'us' })
  await registry.devices.add({ account: 'home-1', device: 'motion-1', password: 'a-password-of-a-device' })
  await ledger.append([
    { account: 'home-1', purpose: 'improve-products', state: 'granted', source: 'app', actor: 'account:home-1' },
    { account: 'home-1', purpose: 'analyze-use', state: 'denied', source: 'app', actor: 'account:home-1' }
  ])
  return { running, data, url: running.httpUrl, token: async role => (await registry.tokens.create(role)).token }
}

export interface Console {
  readonly page: Page
  /** What no page may do: errors in its console, requests to elsewhere, breaches of its own security policy. */
  readonly wrong: string[]
  /** What axe finds on the page as it is. */
  violations (): Promise<string[]>
}

/** A tab of its own, not signed in. */
export async function openConsole (t: Test, url: string, options: BrowserContextOptions = {}): Promise<Console> {
  const context = await (await browser()).newContext({ reducedMotion: 'reduce', viewport: { width: 1280, height: 900 }, ...options })
  t.teardown(async () => { await context.close() })
  const page = await context.newPage()
  page.setDefaultTimeout(60_000)
  const wrong: string[] = []
  // a request that is refused is told there as well; what the page makes of it is tested
  page.on('console', message => { if (message.type() === 'error' && !/status of 4\d\d/.test(message.text())) wrong.push(message.text()) })
  await page.addInitScript("addEventListener('securitypolicyviolation', event => console.error('security policy: ' + event.violatedDirective))")
  page.on('pageerror', error => wrong.push(String(error)))
  page.on('request', request => { if (new URL(request.url()).origin !== url && !request.url().startsWith('data:')) wrong.push(request.url()) })
  await page.goto(url)
  return { page, wrong, violations: async () => await violationsOf(page) }
}

/** Signs in and opens a page. */
export async function signedIn (t: Test, { url, token }: Home, path: string, { role = 'ops', ...options }: BrowserContextOptions & { role?: string } = {}): Promise<Console> {
  const opened = await openConsole(t, `${url}`, options)
  await opened.page.getByLabel('Token').fill(await token(role))
  await opened.page.getByRole('button', { name: 'Sign in' }).click()
  await opened.page.locator('main#content').waitFor()
  await goTo(opened.page, path)
  return opened
}

/** Sends reports of the motion sensor of home-1 over MQTT, one after the other, until the test ends or it is told to stop. */
export async function sendMotion (t: Test, { running }: Home): Promise<() => Promise<void>> {
  const device = await connectAsync(running.mqttUrl, { username: 'motion-1', password: 'a-password-of-a-device', protocolVersion: 4, clientId: 'motion-1' })
  const ending = new AbortController()
  const send = async (): Promise<void> => {
    for (let event = 0; !ending.signal.aborted; event++) {
      await device.publishAsync('kasa/home-1/motion-1/motion', JSON.stringify({ event: 'motion', timestamp: 1767608430 + event, device_id: '8012E4C1', mac: '50:C7:BF:0D:91:8C', ip: '192.168.1.23' }), { qos: 1 })
      await setTimeout(20)
    }
  }
  send().catch(() => {})
  // what is under way then is acknowledged by nobody, and not waited for
  const stop = async (): Promise<void> => {
    ending.abort()
    await device.endAsync(true)
  }
  t.teardown(stop)
  return stop
}

/** By how many pixels the page is wider than its window. */
export async function overflow (page: Page): Promise<number> {
  return Number(await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth'))
}

/** Opens a page as its link in the navigation would. */
export async function goTo (page: Page, path: string): Promise<void> {
  await page.evaluate(`location.hash = ${JSON.stringify(`#/${path}`)}`)
}

async function violationsOf (page: Page): Promise<string[]> {
  await page.evaluate(AXE)
  const found = await page.evaluate('axe.run(document, { resultTypes: ["violations"] })') as { violations: { id: string, nodes: { html: string, failureSummary: string }[] }[] }
  return found.violations.flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 160)} ${failureSummary.split('\n')[1] ?? ''}`))
}

/** The pages for people against what there is: links, commands, examples, metrics, and the tests that SECURITY names. */

import t from 'tap'
import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Command } from 'commander'
import { createProgram } from '../../src/cli/program.js'
import { runCases } from '../../src/try/run-cases.js'
import { createMetrics } from '../../src/console/metrics.js'
import { loadConfiguration } from '../../src/policy/load.js'

const PAGES = [
  ...['README.md', 'CHANGELOG.md', 'CONTRIBUTING.md', 'SECURITY.md'],
  ...readdirSync('docs', { recursive: true, encoding: 'utf8' }).filter(name => name.endsWith('.md')).map(name => join('docs', name))
]
const texts = new Map(PAGES.map(page => [page, readFileSync(page, 'utf8')]))

t.test('pages: every link within the project -> leads somewhere', async t => {
  const dead = [...texts].flatMap(([page, text]) => linksOf(text).filter(link => !/^https?:/.test(link) && !leads(page, link)).map(link => `${page}: ${link}`))
  t.strictSame(dead, [])
})

t.test('pages: every command line -> a command with those options', async t => {
  const lines = [...texts].flatMap(([page, text]) => fences(text, 'sh').flatMap(block => block.split('\n')).filter(line => line.startsWith('curtilage ')).map(line => ({ page, line })))
  t.ok(lines.length > 20)
  for (const { page, line } of lines) t.strictSame(strange(line), [], `${page}: ${line}`)
})

t.test('pages: the npm scripts and generators they name -> are there', async t => {
  const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> }
  const named = [...texts.values()].flatMap(text => [...text.matchAll(/npm (?:run )?(start|test|demo|bench|figures|schema|types|build|lint)\b/g)].map(([, name = '']) => name))
  t.strictSame([...new Set(named)].filter(name => scripts[name] === undefined), [])
  const programs = [...texts.values()].flatMap(text => [...text.matchAll(/node "?(?:\$PWD\/)?dist\/([a-z/-]+)\.js/g)].map(([, path]) => `${path}.ts`))
  t.ok(programs.length > 0)
  t.strictSame(programs.filter(path => !existsSync(path)), [])
})

t.test('README: the rules in five minutes -> load beside the shipped ones, and the case turns out', async t => {
  const folder = shipped(t.testdir())
  for (const block of fences(texts.get('README.md') ?? '', 'yaml')) writeFileSync(join(folder, fileFor(block)), block)
  t.strictSame(await failures(folder), [])
})

t.test('policy.md: its case -> turns out', async t => {
  const folder = shipped(t.testdir())
  const cases = fences(texts.get('docs/policy.md') ?? '', 'yaml').filter(block => block.startsWith('cases:'))
  t.equal(cases.length, 1)
  for (const block of cases) writeFileSync(join(folder, 'tests/page.yaml'), block)
  t.strictSame(await failures(folder), [])
})

t.test('sinks.md, shipped recipients: every sink that they show -> loads', async t => {
  const shown = fences(texts.get('docs/sinks.md') ?? '', 'yaml')
  const commented = [...readFileSync('config/recipients/product-analytics.yaml', 'utf8').matchAll(/^# (sink: .*\n)/gm)].map(([, sink = '']) => sink)
  t.ok(shown.length >= 6 && commented.length >= 5)
  const folder = shipped(t.testdir())
  const file = join(folder, 'recipients/home-integration.yaml')
  const text = readFileSync(file, 'utf8')
  for (const sink of [...shown, ...commented]) {
    // two recipients may not share a folder
    writeFileSync(file, text.replace('sink: { type: mqtt }\n', sink.replace('folder: product-analytics', 'folder: home')))
    const loaded = await loadConfiguration(folder)
    t.strictSame('problems' in loaded ? loaded.problems : [], [], sink)
  }
})

t.test('operations.md: metrics -> those that there are', async t => {
  const { registry } = createMetrics({ recipients: () => [], depth: () => 0, bytes: () => 0, deadLetters: () => 0, isPaused: () => false, oldestMs: () => undefined, connections: () => 0, freeBytes: () => 0, lastBackupMs: () => undefined, isPolicyWaiting: () => false, isFolderRefused: () => false, policyDigest: () => 'g' }, () => 0)
  const rows = [...(texts.get('docs/operations.md') ?? '').matchAll(/^\| `(curtilage_[a-z_]+)` \|([a-z, ]*)\|/gm)].map(([, name, labels = '']) => [name, labels.trim().split(', ').filter(label => label !== '')])
  const there = registry.getMetricsAsArray().map(metric => [metric.name, (metric as unknown as { labelNames: string[] }).labelNames])
  t.strictSame(Object.fromEntries(rows), Object.fromEntries(there))
})

t.test('SECURITY: every test that it names -> is there', async t => {
  const rows = [...(texts.get('SECURITY.md') ?? '').matchAll(/\| `(test\/[^`]+)`: "(.*)" \|$/gm)]
  t.ok(rows.length > 20)
  for (const [, file = '', name = ''] of rows) t.ok(titlesIn(readFileSync(file, 'utf8')).some(title => title.test(name)), `${file}: ${name}`)
  t.equal(rows.length, [...(texts.get('SECURITY.md') ?? '').matchAll(/^\| [a-z]/gm)].length - 1, 'no row without a test')
})

t.test('decisions: every page -> dated, with its reasons, and in the index', async t => {
  const index = texts.get('docs/decisions/README.md') ?? ''
  for (const page of PAGES.filter(path => /decisions\/\d/.test(path))) {
    const name = page.slice('docs/decisions/'.length)
    t.ok(index.includes(`(${name})`), name)
    for (const part of [name.slice(0, 10), '**Decision.**', '**Why.**', '**Consequences.**']) t.ok(texts.get(page)?.includes(part), `${name}: ${part}`)
  }
})

function linksOf (text: string): string[] {
  return [...text.replace(/```[^]*?```/g, '').matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link)
}

function leads (page: string, link: string): boolean {
  const [path = '', anchor] = link.split('#')
  const file = path === '' ? page : join(dirname(page), path)
  if (!existsSync(file)) return false
  return anchor === undefined || anchorsOf(readFileSync(file, 'utf8')).includes(anchor)
}

/** As GitHub makes them of headings. */
function anchorsOf (text: string): string[] {
  return [...text.matchAll(/^#+ (.*)$/gm)].map(([, title = '']) => title.toLowerCase().replace(/[^\p{L}\p{N} _-]/gu, '').replaceAll(' ', '-'))
}

function fences (text: string, language: string): string[] {
  return [...text.matchAll(/^```(\w*)\n([^]*?)^```$/gm)].filter(([, marked]) => marked === language).map(([, , block = '']) => block)
}

/** Words of a command line that the program does not know. */
function strange (line: string): string[] {
  const words = (line.replace(/ [|>#].*$/, '').match(/"[^"]*"|\S+/g) ?? []).slice(1)
  let command: Command = createProgram()
  const known = (): string[] => ['--help', '--version', ...command.options.flatMap(({ long, short }) => [long, short].filter(flag => flag != null))]
  const unknown: string[] = []
  for (const [i, word] of words.entries()) {
    const sub = command.commands.find(one => one.name() === word)
    if (sub !== undefined) command = sub
    else if (word.startsWith('--') ? !known().includes(word) : i === 0) unknown.push(word)
  }
  if (command.commands.length > 0 && !words.includes('--help')) unknown.push('no command')
  return unknown
}

/** The shipped configuration, to be added to. */
function shipped (folder: string): string {
  cpSync('config', folder, { recursive: true })
  return folder
}

function fileFor (block: string): string {
  const [, kind = '', name = ''] = /^(report|recipient|cases):(?: (\S+))?$/m.exec(block) ?? []
  return kind === 'cases' ? 'tests/page.yaml' : `${kind}s/${name}.yaml`
}

async function failures (folder: string): Promise<unknown[]> {
  const loaded = await loadConfiguration(folder)
  if ('problems' in loaded) return loaded.problems.map(({ file, line, message }) => `${file}:${line} ${message}`)
  return runCases(loaded).filter(({ ok }) => !ok).map(({ name, results }) => [name, results])
}

/** Of tests that run, as patterns: a title may hold values. */
function titlesIn (source: string): RegExp[] {
  const titles = [...source.matchAll(/\bt\.test\((?:'((?:[^'\\\n]|\\.)*)'|`([^`\n]*)`),(?! \{ (?:skip: true|todo))/g)]
  return titles.map(([, plain, template = '']) => new RegExp(`^${(plain?.replace(/\\(.)/g, '$1') ?? template).split(/\$\{[^}]*\}/).map(part => part.replace(/[^\w ]/g, '\\$&')).join('.+')}$`))
}

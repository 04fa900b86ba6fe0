import fc from 'fast-check'
import { readFileSync } from 'node:fs'
import { chmod, mkdir, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { compileSources } from '../../src/policy/compile.js'
import { schemaFiles } from '../../src/policy/generate-schema.js'
import { loadConfiguration } from '../../src/policy/load.js'
import { problemCodes, spellProblem } from '../../src/policy/problem.js'
import { badSnippets } from './bad-snippets.js'
import { edited, GOOD, problemsOf } from './fixture.js'

const numRuns = Number(process.env.CURTILAGE_RUNS ?? (process.env.CI ? 1000 : 200))
const SHIPPED = join(import.meta.dirname, '../../config')

/** The good configuration as the folders of `t.testdir`. */
function tree (sources: ReadonlyMap<string, string> = edited()): Record<string, string | Record<string, string>> {
  const root: Record<string, string | Record<string, string>> = {}
  for (const [file, text] of sources) {
    const [folder = '', name] = file.split('/')
    if (name === undefined) root[folder] = text
    else root[folder] = { ...(root[folder] as Record<string, string>), [name]: text }
  }
  return root
}

async function problemsIn (folder: string): Promise<string[]> {
  const result = await loadConfiguration(folder)
  return 'problems' in result ? result.problems.map(problem => spellProblem(problem, '')) : []
}

t.test('load: a good folder -> a configuration with its sources', async t => {
  const result = await loadConfiguration(t.testdir(tree()))
  if ('problems' in result) return t.fail(result.problems.map(problem => spellProblem(problem)).join('\n'))
  t.strictSame(result.sources, edited())
  t.match(result.policy.digest, /^[g-z]{60}$/)
  const again = compileSources(result.sources)
  t.equal('policy' in again && again.policy.digest, result.policy.digest, 'its sources compile to the same policy')
})

t.test('load: the shipped folder -> no problems', async t => {
  t.strictSame(await problemsIn(SHIPPED), [])
})

t.test('problem: text form -> file:line:column under the folder', async t => {
  const result = compileSources(edited(['recipients/analytics.yaml', '  device.model', '  devce.model']))
  const [problem] = 'problems' in result ? result.problems : []
  if (problem === undefined) return t.fail('no problem')
  t.match(problem, { file: 'recipients/analytics.yaml', line: 7, column: 3, code: 'unknown-name', key: 'devce.model', nearest: 'device.model' })
  t.equal(spellProblem(problem), 'config/recipients/analytics.yaml:7:3 unknown category \'devce.model\', did you mean \'device.model\'?')
})

for (const [situation, edit, problems] of badSnippets) {
  t.test(`load: ${situation} -> told with its place`, async t => t.strictSame(problemsOf(edited(edit)), problems))
}

t.test('load: many mistakes in many files -> all told at once, sorted', async t => {
  const edits = badSnippets.filter(([situation]) => ['unknown transform', 'category in field', 'default region', 'port', 'sensitivity', 'case reason', 'pseudonym epoch'].includes(situation))
  const expected = edits.flatMap(([, , problems]) => problems)
  const found = problemsOf(edited(...edits.map(([, edit]) => edit)))
  t.strictSame(new Set(found), new Set(expected))
  t.strictSame(found.map(text => text.split(':')[0]), found.map(text => text.split(':')[0]).sort())
})

t.test('load: a mistake of form and one of meaning in one file -> both told', async t => {
  t.strictSame(problemsOf(edited(['recipients/analytics.yaml', 'region: us', 'regio: us'], ['recipients/analytics.yaml', '  device.model', '  devce.model'])), [
    'recipients/analytics.yaml:1:1 missing key \'region\'',
    'recipients/analytics.yaml:4:1 unknown key \'regio\', did you mean \'region\'?',
    'recipients/analytics.yaml:7:3 unknown category \'devce.model\', did you mean \'device.model\'?'
  ])
})

t.test('load: a file that cannot be parsed -> names it would define are not called unknown', async t => {
  t.strictSame(problemsOf(edited(['notice.yaml', /[^]*/, '- a\n'])), ['notice.yaml:1:1 the file must be a mapping'])
  t.strictSame(problemsOf(edited(['reports/motion.yaml', /[^]*/, '{\n'])).map(text => text.split(':')[0]), ['reports/motion.yaml'])
})

t.test('folder: missing parts -> each told', async t => {
  t.strictSame(await problemsIn(join(t.testdir(), 'nowhere')), ['.:1:1 the configuration folder cannot be read (ENOENT)'])
  t.strictSame(await problemsIn(t.testdir({})), [
    'consent.yaml:1:1 the file \'consent.yaml\' is missing',
    'gateway.yaml:1:1 the file \'gateway.yaml\' is missing',
    'notice.yaml:1:1 the file \'notice.yaml\' is missing',
    'recipients:1:1 the folder \'recipients\' is missing',
    'reports:1:1 the folder \'reports\' is missing'
  ])
  t.strictSame(problemsOf(new Map()), ['consent.yaml', 'gateway.yaml', 'notice.yaml'].map(file => `${file}:1:1 the file is missing`))
})

t.test('folder: files that have no place -> told; read-me, hidden and editor files -> ignored', async t => {
  const folder = t.testdir({ ...tree(), 'README.md': 'hello', '.hidden': 'x', 'notice.yaml~': 'x', schema: { 'x.json': '{}' } })
  await writeFile(join(folder, 'recipients/.x.yaml.swp'), '')
  await writeFile(join(folder, 'recipients/#x.yaml#'), '')
  t.strictSame(await problemsIn(folder), [])
  await writeFile(join(folder, 'recipients/y.yml'), '')
  await writeFile(join(folder, 'reports/z.json'), '')
  await writeFile(join(folder, 'notices.yaml'), '')
  await writeFile(join(folder, 'gateway.yml'), '')
  await mkdir(join(folder, 'reports/old'))
  await mkdir(join(folder, 'recipient'))
  t.strictSame(await problemsIn(folder), [
    'gateway.yml:1:1 no part of the configuration, did you mean \'gateway.yaml\'?',
    'notices.yaml:1:1 no part of the configuration, did you mean \'notice.yaml\'?',
    'recipient:1:1 no part of the configuration, did you mean \'recipients\'?',
    'recipients/y.yml:1:1 files here must end in .yaml, not in \'.yml\'',
    'reports/old:1:1 a folder here is not read: put the files one level up',
    'reports/z.json:1:1 files here must end in .yaml, not in \'.json\''
  ])
})

t.test('folder: unreadable content -> told', async t => {
  const folder = t.testdir(tree())
  await writeFile(join(folder, 'consent.yaml'), Buffer.from('defaultRegion: us\nabout: \xff\n', 'latin1'))
  await rm(join(folder, 'gateway.yaml'))
  await mkdir(join(folder, 'gateway.yaml'))
  await writeFile(join(folder, 'reports/motion.yaml'), 'x'.repeat(2 * 1024 * 1024))
  t.strictSame(await problemsIn(folder), [
    'consent.yaml:2:1 not UTF-8 text',
    'gateway.yaml:1:1 must be a regular file',
    'reports/motion.yaml:1:1 larger than 1 MiB'
  ])
})

t.test('folder: no right to read -> told', { skip: process.getuid?.() === 0 && 'root may read everything' }, async t => {
  const folder = t.testdir(tree())
  await chmod(join(folder, 'consent.yaml'), 0)
  t.strictSame(await problemsIn(folder), ['consent.yaml:1:1 cannot be read (EACCES)'])
})

t.test('folder: symbolic links -> followed inside, refused outside', async t => {
  const folder = t.testdir({ outside: { 'x.yaml': 'recipient: x' }, config: tree() })
  const config = join(folder, 'config')
  await mkdir(join(config, '..data'))
  await writeFile(join(config, '..data/consent.yaml'), GOOD['consent.yaml'] ?? '')
  await rm(join(config, 'consent.yaml'))
  await symlink('..data/consent.yaml', join(config, 'consent.yaml'))
  t.strictSame(await problemsIn(config), [], 'as a cluster mounts it')
  await symlink('../../outside/x.yaml', join(config, 'recipients/x.yaml'))
  await symlink('nowhere', join(config, 'recipients/y.yaml'))
  await rm(join(config, 'tests'), { recursive: true })
  await symlink('../outside', join(config, 'tests'))
  t.strictSame(await problemsIn(config), [
    'recipients/x.yaml:1:1 a symbolic link that leads out of the configuration folder',
    'recipients/y.yaml:1:1 cannot be read (ENOENT)',
    'tests:1:1 a symbolic link that leads out of the configuration folder'
  ])
})

t.test('folder: a byte order mark -> taken off', async t => {
  const folder = t.testdir(tree())
  await writeFile(join(folder, 'consent.yaml'), `\uFEFF${GOOD['consent.yaml']}`)
  t.strictSame(await problemsIn(folder), [])
})

/** One random change of one line: gone, doubled, cut, indented, or with a word put for another. */
const mutation = fc.record({
  file: fc.constantFrom(...Object.keys(GOOD)),
  line: fc.nat(40),
  kind: fc.constantFrom('delete', 'double', 'cut', 'indent', 'rename', 'retype', 'character'),
  at: fc.nat(80),
  word: fc.constantFrom('keep', '7', '[]', '{}', 'null', '', '"x', '*a', '&a', '!!map', '-1', '.inf', 'constructor', 'device.id', '🏠', '\u0000', '\t', '{ round: {} }', '[[[', '2020-01-01')
})

function mutate (text: string, { line, kind, at, word }: { line: number, kind: string, at: number, word: string }): string {
  const lines = text.split('\n')
  const index = line % lines.length
  const old = lines[index] ?? ''
  const changed: Record<string, string[]> = {
    delete: [],
    double: [old, old],
    cut: [old.slice(0, at % (old.length + 1))],
    indent: [`  ${old}`],
    rename: [old.replace(/[\w.-]+(?=:)/, word)],
    retype: [old.replace(/: .*/, `: ${word}`)],
    character: [`${old.slice(0, at % (old.length + 1))}${word}${old.slice(at % (old.length + 1))}`]
  }
  lines.splice(index, 1, ...changed[kind] ?? [])
  return lines.join('\n')
}

t.test('INVARIANT: a bad configuration never replaces a good one -> it loads whole, or lists problems that lie in its files', async t => {
  fc.assert(fc.property(fc.array(mutation, { minLength: 1, maxLength: 4 }), mutations => {
    const sources = edited()
    for (const each of mutations) sources.set(each.file, mutate(sources.get(each.file) ?? '', each))
    const result = compileSources(sources)
    if (!('problems' in result)) return true
    return result.problems.length > 0 && result.problems.every(({ file, line, column, code, message }) => {
      const lines = (sources.get(file) ?? '').split('\n')
      return code in problemCodes && message !== '' && !message.includes('\n') && line >= 1 && line <= lines.length &&
        column >= 1 && column <= (lines[line - 1] ?? '').length + 1
    })
  }), { numRuns: numRuns * 2 })
  t.end()
})

t.test('load: nesting without end, long lines, many keys -> told or loaded, never thrown', async t => {
  const bombs = ['['.repeat(10_000), '{a: '.repeat(5_000), '- '.repeat(20_000), `a: "${'x'.repeat(1_000_000)}"`, Array.from({ length: 1_000 }, (_, i) => `k${i}: 1`).join('\n'), '? '.repeat(10_000), '"\\u'.repeat(1000), '%'.repeat(1000), '--- '.repeat(1000)]
  for (const bomb of bombs) t.ok(problemsOf(edited(['consent.yaml', /[^]*/, bomb])).length > 0, bomb.slice(0, 10))
})

t.test('schema: generated files -> as committed', async t => {
  for (const [file, text] of schemaFiles()) {
    t.equal(readFileSync(join(SHIPPED, 'schema', file), 'utf8'), text, `${file}: npm run schema writes it`)
  }
})

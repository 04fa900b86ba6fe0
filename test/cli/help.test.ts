/** Help of every command, and completion in real shells. */

import t from 'tap'
import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { candidates } from '../../src/cli/completion.js'
import { helpAfter, workers } from '../../src/cli/help-sections.js'
import { createProgram } from '../../src/cli/program.js'
import { cli, CONFIG } from './run-cli.js'

t.test('help: every command -> description, every option and argument told, examples that run, exit codes, files, environment', async t => {
  const program = createProgram()
  const all = workers(program)
  t.ok(all.length > 40)
  for (const command of all) {
    const path: string[] = []
    for (let at: typeof command | null = command; at !== null; at = at.parent) path.unshift(at.name())
    const name = path.join(' ')
    const after = helpAfter(command)
    t.ok(command.description().length > 10, `${name}: description`)
    t.strictSame(command.options.filter(({ description }) => description.length < 5).map(({ long }) => long), [], `${name}: options`)
    t.match(after, /Exit codes?[ :]/, `${name}: exit codes`)
    t.match(after, /\nEnvironment:\n/, `${name}: environment`)
    if (command.options.some(({ long }) => long === '--data')) t.match(after, /\nFiles:\n[^]*DATA\/ops\.token/, `${name}: files`)
    const examples = after.match(/^ {2}(curtilage|npm|source|patch|echo) .*$/gm) ?? []
    t.ok(examples.some(line => line.includes(name)), `${name}: examples`)
    for (const option of examples.filter(line => line.startsWith(`  ${name} `)).flatMap(line => line.match(/ --[a-z-]+/g) ?? [])) t.ok(command.options.some(({ long, short }) => long === option.trim() || short === option.trim()), `${name}: ${option}`)
  }
  for (const group of program.commands.filter(({ commands }) => commands.length > 0)) t.ok(group.description().length > 10, group.name())
})

t.test('completion: words so far -> commands, options, names of the configuration', async t => {
  const program = createProgram()
  const names = { recipient: ['analytics', 'health'], report: ['motion'], purpose: ['improve-products'], grant: ['improve-products'] }
  const words = (...typed: string[]): string[] => candidates(program, typed, names).map(line => line.split('\t')[0] ?? '')
  t.strictSame(words('acc'), ['account'])
  t.notOk(words('').includes('__complete'))
  t.strictSame(words('consent', 'gr'), ['grant'])
  t.strictSame(words('consent', 'grant', '--pur'), ['--purpose'])
  t.strictSame(words('consent', 'grant', '--purpose', ''), ['improve-products'])
  t.strictSame(words('consent', 'grant', '--account', 'x', '--recipient', 'h'), ['health'])
  t.strictSame(words('recipient', 'pause', ''), ['analytics', 'health'])
  t.strictSame(words('test', '--coverage', '--gra'), ['--grant'])
  t.strictSame(words('test', '--grant', 'i'), ['improve-products'])
  t.strictSame(words('completion', ''), ['bash', 'zsh', 'fish'])
  t.strictSame(words('account', 'show', ''), [], 'an account is nobody\'s to offer')
  t.strictSame(words('nonsense', ''), words(''))
})

t.test('completion: asked by a script -> one candidate a line; a configuration that is broken or not there -> no failure', async t => {
  t.match(await cli(['__complete', 'recipient', 'pause', '--config', CONFIG, 'prod']), { code: 0, out: 'product-analytics\n', err: '' })
  t.match(await cli(['__complete', '--config', join(t.testdir(), 'none'), 'acc']), { code: 0, out: /^account\t/, err: '' })
  t.match(await cli(['completion', 'csh']), { code: 2, err: /bash, zsh, fish/ })
})

for (const shell of ['bash', 'zsh', 'fish']) {
  const skip = spawnSync(shell, ['--version']).error === undefined ? false : `needs ${shell}`
  t.test(`completion: the script for ${shell} -> the shell takes it`, { skip }, async t => {
    const { out } = await cli(['completion', shell])
    const file = join(t.testdir(), 'script')
    writeFileSync(file, out)
    execFileSync(shell, [shell === 'fish' ? '--no-execute' : '-n', file])
  })
}

t.test('completion: in bash, as if keys were pressed -> what may follow', { skip: spawnSync('bash', ['--version']).error === undefined ? false : 'needs bash' }, async t => {
  const folder = t.testdir()
  writeFileSync(join(folder, 'curtilage'), `#!/bin/sh\nexec ${process.execPath} ${resolve('dist/src/cli/main.js')} "$@"\n`)
  chmodSync(join(folder, 'curtilage'), 0o755)
  const { FORCE_COLOR, NODE_OPTIONS, NODE_V8_COVERAGE, ...inherited } = process.env
  const press = (...words: string[]): string[] => execFileSync('bash', ['-c', `source <(curtilage completion bash); COMP_WORDS=(${words.map(word => `'${word}'`).join(' ')}); COMP_CWORD=${words.length - 1}; _curtilage; printf '%s\\n' "\${COMPREPLY[@]}"`], { encoding: 'utf8', env: { ...inherited, PATH: `${folder}:${process.env.PATH ?? ''}` } }).trim().split('\n')
  t.strictSame(press('curtilage', 'pol'), ['policy'])
  t.strictSame(press('curtilage', 'recipient', 'pause', 'energy'), ['energy-research'])
  t.ok(press('curtilage', 'consent', 'grant', '--').includes('--purpose'))
})

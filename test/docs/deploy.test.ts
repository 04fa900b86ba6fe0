/** The systemd unit and the Dockerfile: read as those that will read them do. */

import t from 'tap'
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { DockerfileParser } from 'dockerfile-ast'
import { validate } from 'dockerfile-utils'

const DOCKERFILE = readFileSync('Dockerfile', 'utf8')
const UNIT = 'docs/ops/curtilage.service'
const SYSTEMD = spawnSync('systemd-analyze', ['--version']).error === undefined ? false : 'needs systemd'

t.test('Dockerfile: in the eyes of a linter -> nothing to say; one with a mistake -> told', async t => {
  t.strictSame(validate(DOCKERFILE).map(({ message }) => message), [])
  t.not(validate(DOCKERFILE.replace('FROM node:20-slim\n', 'FORM node:20-slim\n')).length, 0)
})

t.test('Dockerfile: two stages -> no tools in the second, no rights, a check of health, what it copies is there', async t => {
  const file = DockerfileParser.parse(DOCKERFILE)
  const froms = file.getFROMs()
  t.strictSame(froms.map(from => [from.getImage(), from.getBuildStage()]), [['node:20-slim', 'build'], ['node:20-slim', null]])
  const last = file.getInstructions().filter(one => one.getRange().start.line > (froms[1]?.getRange().start.line ?? 0))
  const words = (keyword: string): string[] => last.filter(one => one.getInstruction() === keyword).map(one => one.getArgumentsContent() ?? '')
  t.strictSame(words('USER'), ['node'])
  t.ok(last.findIndex(one => one.getInstruction() === 'USER') < last.findIndex(one => one.getInstruction() === 'ENTRYPOINT'))
  t.match(words('HEALTHCHECK').join(), /\/health\/live/)
  t.strictSame(words('STOPSIGNAL'), ['SIGTERM'])
  t.notMatch(words('RUN').join('\n'), /npm|apt-get|curl/)
  const copied = file.getCOPYs().flatMap(one => (one.getArguments().map(argument => argument.getValue())).filter(word => !word.startsWith('--')).slice(0, -1)).filter(path => !path.startsWith('/build/'))
  t.ok(copied.length > 5)
  t.strictSame(copied.filter(path => !existsSync(path)), [])
  t.strictSame(JSON.parse(words('ENTRYPOINT')[0] ?? ''), ['node', '/app/dist/src/cli/main.js'])
  const ignored = readFileSync('.dockerignore', 'utf8').trim().split('\n')
  for (const secret of ['data', '.git', 'node_modules']) t.ok(ignored.includes(secret), `${secret} stays out of the image`)
})

t.test('systemd unit: as it is written -> every promise of operations.md', async t => {
  const text = readFileSync(UNIT, 'utf8')
  for (const line of ['User=curtilage', 'LimitCORE=0', 'MemorySwapMax=0', 'ProtectSystem=strict', 'NoNewPrivileges=yes', 'KillSignal=SIGTERM', 'ExecReload=/bin/kill -HUP $MAINPID', 'StateDirectoryMode=0700', 'UMask=0077', 'CapabilityBoundingSet=']) t.match(text, `\n${line}\n`)
  // a gateway and a command beside it must see the same boot, else the command takes the lock for a dead one's
  t.notMatch(text, /^ProcSubset=/m)
  t.match(text, /--data \/var\/lib\/curtilage\n/)
})

t.test('systemd unit: in the eyes of systemd -> well-formed, and little exposed', { skip: SYSTEMD }, async t => {
  const verified = spawnSync('systemd-analyze', ['verify', '--man=no', UNIT], { encoding: 'utf8' })
  // where node lies elsewhere, that is all it may say
  t.strictSame(verified.stderr.split('\n').filter(line => line !== '' && /curtilage/.test(line) && !/\/usr\/bin\/node is not executable/.test(line)), [])
  const exposure = /Overall exposure level for \S+: ([\d.]+)/.exec(execFileSync('systemd-analyze', ['security', '--offline=true', '--no-pager', UNIT], { encoding: 'utf8' }))?.[1]
  t.ok(Number(exposure) < 2, `exposure ${String(exposure)}`)
})

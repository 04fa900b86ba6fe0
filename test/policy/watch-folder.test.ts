import t, { type Test } from 'tap'
import { appendFileSync, cpSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { digestSources } from '../../src/policy/digest.js'
import { readFolder } from '../../src/policy/read-folder.js'
import { ConfigurationWatch } from '../../src/policy/watch-folder.js'
import { SOURCES } from '../fixtures/policy.js'

interface World {
  readonly base: string
  readonly config: string
  /** What the folder held whenever it was told of. */
  readonly told: string[]
  watch (folder?: string, loaded?: string): Promise<ConfigurationWatch>
  /** Resolves when it was told of what the folder holds now. */
  seen (): Promise<void>
}

function world (t: Test): World {
  const base = t.testdir()
  const config = join(base, 'config')
  for (const [file, text] of Object.entries(SOURCES)) {
    mkdirSync(dirname(join(config, file)), { recursive: true })
    writeFileSync(join(config, file), text)
  }
  const told: string[] = []
  let watched = config
  const digest = async (): Promise<string> => digestSources((await readFolder(watched)).sources)
  return {
    base,
    config,
    told,
    watch: async (folder = config, loaded) => {
      watched = folder
      const watch = new ConfigurationWatch({ folder, loaded: loaded ?? await digest(), changed: async () => { told.push(await digest()) }, quietMs: 50, lookMs: 200 })
      t.teardown(async () => await watch.close())
      await watch.ready()
      return watch
    },
    seen: async () => {
      for (;;) {
        if (told.at(-1) === await digest()) return
        await new Promise(resolve => setTimeout(resolve, 10))
      }
    }
  }
}

t.test('watch: written over, renamed onto, new, removed, the folder replaced, away and back, a subfolder replaced -> told each time', async t => {
  const { base, config, seen, watch, told } = world(t)
  await watch()
  const recipient = join(config, 'recipients', 'use.yaml')
  const comment = (path: string): void => appendFileSync(path, `# ${told.length}\n`)
  const steps: (() => void)[] = [
    () => comment(join(config, 'consent.yaml')),
    ...[1, 2].map(() => () => {
      writeFileSync(`${recipient}.tmp`, `${readFileSync(recipient, 'utf8')}# ${told.length}\n`)
      renameSync(`${recipient}.tmp`, recipient)
    }),
    () => writeFileSync(join(config, 'recipients', 'new.yaml'), 'recipient: new\n'),
    () => rmSync(join(config, 'recipients', 'new.yaml')),
    ...[1, 2].map(i => () => {
      cpSync(config, join(base, 'next'), { recursive: true })
      comment(join(base, 'next', 'consent.yaml'))
      renameSync(config, join(base, `old-${i}`))
      renameSync(join(base, 'next'), config)
    }),
    () => comment(join(config, 'consent.yaml')),
    () => {
      cpSync(join(config, 'recipients'), join(base, 'recipients'), { recursive: true })
      comment(join(base, 'recipients', 'use.yaml'))
      renameSync(join(config, 'recipients'), join(base, 'recipients-old'))
      renameSync(join(base, 'recipients'), join(config, 'recipients'))
    },
    () => comment(recipient),
    () => renameSync(config, join(base, 'away')),
    () => renameSync(join(base, 'away'), config),
    () => comment(recipient)
  ]
  for (const step of steps) {
    step()
    await seen()
  }
  t.equal(told.length, steps.length, 'once each')
})

t.test('watch: a symbolic link that is moved, as a mounted ConfigMap is -> told, and what changes behind it from then on', async t => {
  const { base, config, seen, watch, told } = world(t)
  renameSync(config, join(base, '1'))
  cpSync(join(base, '1'), join(base, '2'), { recursive: true })
  appendFileSync(join(base, '2', 'consent.yaml'), '# 2\n')
  symlinkSync('1', join(base, 'data'))
  await watch(join(base, 'data'))
  symlinkSync('2', join(base, 'tmp'))
  renameSync(join(base, 'tmp'), join(base, 'data'))
  await seen()
  appendFileSync(join(base, '2', 'consent.yaml'), '# 3\n')
  await seen()
  t.equal(told.length, 2)
})

t.test('watch: what changed between reading and watching -> told; a touch, and changes that are taken back within the quiet time -> not', async t => {
  const { config, seen, watch, told } = world(t)
  await watch(config, 'gggg')
  await seen()
  const path = join(config, 'consent.yaml')
  const before = readFileSync(path)
  utimesSync(path, new Date(), new Date())
  appendFileSync(path, '# x\n')
  writeFileSync(path, before)
  appendFileSync(join(config, 'notice.yaml'), '# the next one\n')
  await seen()
  t.equal(told.length, 2)
})

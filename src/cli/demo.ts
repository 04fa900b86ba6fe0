/** `curtilage demo`: the whole gateway with simulated homes, to be watched. */

import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { InvalidArgumentError, type Command } from 'commander'
import type { DemoOptions } from './demo/run-demo.js'
import { examples } from './options.js'

const LEAST_HOMES = 8
const MOST_HOMES = 2_000
const ABOUT = `Starts a gateway with the embedded store and the shipped configuration in a folder of its own, registers simulated
homes in different regimes and with different consents, lets their devices connect over MQTT, and shows what comes
in, what leaves for each recipient, and what is withheld and why. Raw values are never shown.

At the end it searches everything that left for every address that the devices sent: exit code 1 if one is found.`

export function addDemoCommand (program: Command): void {
  const command = program.command('demo')
    .summary('watch a gateway with simulated homes at work')
    .description(ABOUT)
    .option('--homes <n>', `how many homes, ${LEAST_HOMES} or more`, wholeNumber, 36)
    .option('--rate <n>', 'reports a second of all homes together (default: three for each home)', positive)
    .option('--seed <text>', 'other homes for another seed', 'curtilage')
    .option('--seconds <n>', 'end after this time (default: at Ctrl-C)', positive)
    .option('--config <dir>', 'folder of the configuration', shippedConfig())
    .option('--data <dir>', 'data folder, empty or not there yet, which is kept (default: a temporary one)')
    .option('--plain', 'lines instead of a screen')
    .action(async (options: DemoOptions) => {
      const { runDemo } = await import('./demo/run-demo.js')
      await runDemo(options)
    })
  examples(command, [
    'curtilage demo',
    'curtilage demo --homes 100 --rate 400 --seed tuesday',
    'curtilage demo --seconds 20 --plain',
    'curtilage demo --data /tmp/demo    # and afterwards: ls /tmp/demo/recipients/*/*'
  ])
}

/** `config` where the demo is started; elsewhere the one that came with the program. */
function shippedConfig (): string {
  if (existsSync('config/gateway.yaml')) return 'config'
  const packaged = fileURLToPath(new URL('../../../config', import.meta.url))
  return existsSync(packaged) ? packaged : 'config'
}

function positive (written: string): number {
  const number = Number(written)
  if (!/^\d+(\.\d+)?$/.test(written) || number <= 0 || number > 1e6) throw new InvalidArgumentError('write a number above 0')
  return number
}

function wholeNumber (written: string): number {
  const number = Number(written)
  if (!/^\d+$/.test(written) || number < LEAST_HOMES || number > MOST_HOMES) throw new InvalidArgumentError(`write a whole number from ${LEAST_HOMES} to ${MOST_HOMES}`)
  return number
}

/** `curtilage report`: report files from what devices send. */

import { basename } from 'node:path'
import type { Command } from 'commander'
import { decode } from '../classify/decode.js'
import { addressesIn } from '../guard/finder.js'
import type { Json } from '../model/json.js'
import { UsageError } from './failure.js'
import { examples, withConfig, type ConfigOptions } from './options.js'
import { readInput } from './read-input.js'
import { note, print, printJson } from './terminal.js'
import { writeNew } from './write-new.js'

const MAX_BYTES = 64 * 1024 * 1024

interface InitOptions extends ConfigOptions {
  readonly name?: string
  readonly topic?: string
  readonly write?: string
}

export function addReportCommands (program: Command): void {
  const group = program.command('report').description('report files: what devices send, field by field')
  examples(withConfig(group.command('init <samples...>').description('write a report file from samples, JSON or NDJSON; - reads standard input. Fields get a category by their names; what is unknown stays a comment')
    .option('--name <report>', 'name of the report type (default: that of the first file)')
    .option('--topic <tail>', 'levels of the topic after the device (default: the name)')
    .option('--write <file>', 'into this file, which must not be there yet')), [
    'curtilage report init motion.json',
    'curtilage report init captured.ndjson --name doorbell --write config/reports/doorbell.yaml'
  ]).addHelpText('after', '\nNothing of the values is written, and keys that look like ids or addresses are * or {device.id}. Several samples tell\nmore: what is base64, which fields come at times only.')
    .action(async (files: string[], { config, json, name, topic, write }: InitOptions) => {
      const [{ readConfiguration }, { sampleShape }, { reportFile }] = await Promise.all([import('../core.js'), import('../drift/sample-shape.js'), import('../drift/report-file.js')])
      const report = name ?? nameOf(files[0] ?? '')
      const configuration = await readConfiguration(config)
      if (configuration.policy.reports.has(report)) throw new UsageError(`the report type '${report}' is there already: curtilage fields suggest tells what it lacks; or give another --name`)
      const samples = (await Promise.all(files.map(samplesIn))).flat()
      if (samples.length === 0) throw new UsageError('there is no sample in it')
      const written = reportFile(report, `kasa/{account}/{device}/${topic ?? report}`, sampleShape(samples), samples.length, configuration)
      if ('problems' in written) throw new UsageError(written.problems.map(({ message }) => message).join('; '))
      const { yaml, known, unknown } = written
      if (json) return printJson({ report, samples: samples.length, known, unknown, yaml })
      if (write === undefined) print(yaml.trimEnd())
      else await writeNew(write, yaml)
      note(`${samples.length} ${samples.length === 1 ? 'sample' : 'samples'}: ${known} fields known by their names, ${unknown} to look at${write === undefined ? '' : `, in ${write}`}`)
    })
}

function nameOf (file: string): string {
  const name = basename(file).replace(/\.[a-z]+$/i, '').toLowerCase().replace(/[^a-z0-9]+/g, '-').replace(/^-+|-+$/g, '')
  if (!/^[a-z]/.test(name) || addressesIn(name, basename(file)).length > 0) throw new UsageError('give the report type a name with --name')
  return name
}

/** One JSON value, or one a line. Nothing that a sample holds is told in an error. */
async function samplesIn (file: string): Promise<Json[]> {
  const bytes = await readInput(file)
  const whole = decode(bytes, MAX_BYTES)
  if (whole.ok) return [whole.json]
  const lines = Buffer.from(bytes).toString('utf8').split('\n').map((text, i) => ({ text: text.trim(), line: i + 1 })).filter(({ text }) => text !== '')
  if (whole.reason !== 'not-json' || lines.length < 2) throw new UsageError(`${file}: the sample cannot be read: ${whole.reason}`)
  return lines.map(({ text, line }) => {
    const decoded = decode(Buffer.from(text), MAX_BYTES)
    if (!decoded.ok) throw new UsageError(`${file}: line ${line} cannot be read: ${decoded.reason}`)
    return decoded.json
  })
}

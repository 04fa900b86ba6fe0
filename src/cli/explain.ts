/** `curtilage explain`: for every field of a report, why it leaves or stays. */

import type { Command } from 'commander'
import type { Explanation } from '../explain.js'
import { CurtilageError } from '../model/errors.js'
import { runningApi, type ApiClient } from './api-client.js'
import { dataFolderOf } from './data-folder.js'
import { explanationText } from './explanation-text.js'
import { UsageError } from './failure.js'
import { examples, withData, type DataOptions } from './options.js'
import { readInput } from './read-input.js'
import { print, printJson } from './terminal.js'

interface Asked extends DataOptions {
  readonly account: string
  readonly topic: string
}

export function addExplainCommand (program: Command): void {
  examples(withData(program.command('explain <file>').description('why each field of a report leaves or stays, for every recipient; - reads standard input')
    .requiredOption('--account <account>', 'whose report')
    .requiredOption('--topic <topic>', 'the topic it comes on: kasa/{account}/{device}/{report}')), [
    'curtilage explain --account home-1 --topic kasa/home-1/plug-1/sysinfo report.json',
    'curtilage explain --account home-1 --topic kasa/home-1/plug-1/motion --json - < report.json'
  ]).addHelpText('after', '\nNothing is delivered, kept or counted. Where a gateway runs on the data folder, it is asked, and answers by the policy in force;\notherwise the policy of --config is used, with what the data folder knows of the account.')
    .action(async (file: string, options: Asked) => {
      const payload = await readInput(file)
      const explanation = await explained(options, payload)
      if (options.json) printJson(explanation)
      else print(explanationText(explanation))
    })
}

async function explained (asked: Asked, payload: Uint8Array): Promise<Explanation> {
  const data = await dataFolderOf(asked)
  try {
    const api = await runningApi(data)
    if (api !== undefined) return await askGateway(api, asked, payload)
    const { explainAlone } = await import('./explain-alone.js')
    return await explainAlone({ config: asked.config, data }, { account: asked.account, topic: asked.topic, payload })
  } catch (error) {
    if (error instanceof CurtilageError && error.code === 'topic-invalid') throw new UsageError(error.message)
    throw error
  }
}

async function askGateway (api: ApiClient, { account, topic }: Asked, payload: Uint8Array): Promise<Explanation> {
  try {
    return await api.call<Explanation>('POST', '/v1/explain', { account, topic, payload: Buffer.from(payload).toString('base64') })
  } catch (error) {
    if (error instanceof CurtilageError && error.code === 'request-too-large') return { recipients: [], quarantined: 'too-large' }
    throw error
  }
}

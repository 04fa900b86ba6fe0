/**
 * `curtilage start` as a process of its own, with faults that its parent switches on and off.
 *
 * Messages: `{ stage, moment? }` makes that stage fail with an error full of the word given; `{}` ends that; `{ crash }` ends
 * the process in one of the ways in which processes end by themselves.
 */

import { start } from '../../dist/src/cli/start.js'

const [,, config, data, word] = process.argv

/** Third-party code throws such errors: what it was given stands in every part of them. */
function fullError () {
  const error = new TypeError(`${word}\n    at ${word} (file:///${word}.js:1:1)\n    at ${word} (node:${word}:1:1)`, { cause: new Error(word) })
  return Object.assign(error, { code: word, path: `/${word}`, input: Buffer.from(word), [word]: word })
}

let fault = {}
const fails = (stage, moment) => { if (fault.stage === stage && (moment === undefined || fault.moment === moment)) throw fullError() }

const CRASHES = {
  exception: () => setImmediate(() => { throw fullError() }),
  // not an Error at all
  text: () => setImmediate(() => { throw word }),
  rejection: () => { Promise.reject(fullError()) },
  warning: () => process.emitWarning('the gateway itself warns with its own words only'),
  memory: () => {
    const kept = []
    for (;;) kept.push(`${word} ${kept.length}`.repeat(50))
  },
  // ends by SIGABRT, as a failed check within Node does
  abort: () => process.abort()
}

process.on('message', message => {
  if (message.crash !== undefined) CRASHES[message.crash]()
  else fault = message
  process.send('done')
})

await start({ config, data, mqtt: { host: '127.0.0.1', port: 0 }, http: { host: '127.0.0.1', port: 0 }, json: true }, {
  step: stage => fails(stage),
  work: async (stage, moment) => fails(stage, moment)
})

/** A gateway's API, called as ops. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'

export class Api {
  readonly #http: string
  readonly #data: string

  /** The data folder holds the token. */
  constructor (http: string, data: string) {
    this.#http = http
    this.#data = data
  }

  /** Rejects where it does not answer 2xx. */
  async call<T> (method: string, path: string, body?: object): Promise<T> {
    const answer = await this.#fetch(path, { method, ...(body !== undefined && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }) })
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`)
    return await answer.json() as T
  }

  /** Sum of a metric over the labels given. */
  async metric (name: string, labels: Readonly<Record<string, string>> = {}): Promise<number> {
    const lines = (await (await this.#fetch('/metrics', {})).text()).split('\n').filter(line => line.startsWith(`${name}{`) || line.startsWith(`${name} `))
    const wanted = lines.filter(line => Object.entries(labels).every(([label, value]) => line.includes(`${label}="${value}"`)))
    return wanted.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0)
  }

  async #fetch (path: string, init: RequestInit & { headers?: Record<string, string> }): Promise<Response> {
    const token = readFileSync(join(this.#data, 'ops.token'), 'utf8').trim()
    return await fetch(new URL(path, this.#http), { ...init, headers: { ...init.headers, authorization: `Bearer ${token}` } })
  }
}

/** A recipient's HTTP server, which takes what its `answer` accepts. */

import { createServer, type IncomingHttpHeaders, type Server as HttpServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Test } from 'tap'
import type { Server } from './sink-contract.js'

export interface Answer {
  readonly status: number
  readonly headers?: Record<string, string>
  readonly body?: string | Buffer
}

export interface Got {
  readonly method: string
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
  readonly lines: string[]
}

export class Receiver implements Server {
  readonly requests: Got[] = []
  readonly taken: string[] = []
  answer: (got: Got) => Answer = () => ({ status: 204 })
  port = 0
  #server: HttpServer | undefined
  #thawed: Promise<void> | undefined
  #thaw = (): void => {}

  static async open (t: Test): Promise<Receiver> {
    const receiver = new Receiver()
    t.teardown(async () => { await receiver.kill() })
    await receiver.start()
    return receiver
  }

  async start (): Promise<void> {
    const server = this.#server = createServer((request, response) => {
      const chunks: Buffer[] = []
      request.on('data', (chunk: Buffer) => { chunks.push(chunk) })
      request.on('end', () => {
        const take = (): void => {
          const body = Buffer.concat(chunks).toString()
          const got = { method: request.method ?? '', path: request.url ?? '', headers: request.headers, body, lines: body.split('\n').slice(0, -1) }
          this.requests.push(got)
          const { status, headers, body: answer } = this.answer(got)
          if (status >= 200 && status < 300) this.taken.push(...got.lines)
          response.writeHead(status, headers).end(answer)
        }
        if (this.#thawed === undefined) take()
        else this.#thawed.then(take, () => {})
      })
    })
    await new Promise<void>(resolve => server.listen(this.port, '127.0.0.1', resolve))
    this.port = (server.address() as AddressInfo).port
  }

  async kill (): Promise<void> {
    const server = this.#server
    this.#server = undefined
    this.#thawed = undefined
    if (server === undefined) return
    const closed = new Promise(resolve => server.close(resolve))
    server.closeAllConnections()
    await closed
  }

  async freeze (): Promise<void> {
    this.#thawed = new Promise(resolve => { this.#thaw = resolve })
  }

  thaw (): void {
    this.#thawed = undefined
    this.#thaw()
  }
}

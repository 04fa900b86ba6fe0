/** A web server that takes batches of lines. */

import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { Doorway } from './doorway.js'
import { RemoteReceiver } from './remote-receiver.js'

export class HttpReceiver extends RemoteReceiver {
  #server: Server | undefined

  static async open (name: string): Promise<HttpReceiver> {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const doorway = new Doorway((server.address() as AddressInfo).port)
    await doorway.open()
    const receiver = new HttpReceiver({ name, purpose: 'improve-products', sink: `{ type: http, url: 'http://127.0.0.1:${doorway.port}/chaos' }` }, doorway)
    receiver.#server = server
    server.on('request', (request, response) => {
      receiver.#take(request).then(() => response.writeHead(204).end(), () => response.destroy())
    })
    return receiver
  }

  async look (): Promise<void> {}

  /** A body that breaks off has not come; it is not looked at. */
  async #take (request: IncomingMessage): Promise<void> {
    const body = await buffer(request)
    for (let at = 0, end; at < body.length; at = end + 1) {
      end = body.indexOf(10, at)
      this.arrivals.take(body.subarray(at, end))
    }
  }

  protected async close (): Promise<void> {
    this.#server?.closeAllConnections()
    this.#server?.close()
  }
}

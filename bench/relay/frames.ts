/** MQTT 3.1.1 frames as bytes, prepared once and sent many times. */

import { generate } from 'mqtt-packet'

/** Frames end to end in one buffer, so that any stretch of them is one write. */
export interface Ring {
  readonly bytes: Buffer
  /** Where each frame begins, and the end of the last. */
  readonly offsets: readonly number[]
}

export interface Login {
  readonly clientId: string
  readonly userName: string
  readonly password: string
}

export function connectFrame ({ clientId, userName, password }: Login): Buffer {
  return generate({ cmd: 'connect', protocolId: 'MQTT', protocolVersion: 4, clean: true, clientId, keepalive: 0, username: userName, password: Buffer.from(password) })
}

export function subscribeFrame (topic: string, qos: 0 | 1): Buffer {
  return generate({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic, qos }] })
}

/** Packet ids count up from 1: a ring must be longer than what is in flight. */
export function ringOf (topic: string, payloads: readonly Buffer[], qos: 0 | 1): Ring {
  const frames = payloads.map((payload, i) => generate({ cmd: 'publish', topic, payload, qos, dup: false, retain: false, ...(qos === 1 && { messageId: i + 1 }) }))
  const offsets = [0]
  for (const { length } of frames) offsets.push(offsets.at(-1)! + length)
  return { bytes: Buffer.concat(frames), offsets }
}

/** Splits a stream into frames. */
export class FrameReader {
  #rest: Buffer = Buffer.alloc(0)

  /** `take` is told the first byte of each whole frame and where its body lies in `bytes`. Returns all whole frames as they came. */
  read (chunk: Buffer, take: (firstByte: number, bytes: Buffer, from: number, to: number) => void): Buffer {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk])
    let at = 0
    for (;;) {
      let length = 0
      let from = at + 1
      for (let factor = 1; from < bytes.length && from < at + 5; factor *= 128) {
        const byte = bytes[from++]!
        length += (byte & 127) * factor
        if (byte < 128) break
      }
      if (from === at + 1 || bytes[from - 1]! >= 128 || from + length > bytes.length) break
      take(bytes[at]!, bytes, from, from + length)
      at = from + length
    }
    this.#rest = bytes.subarray(at)
    return bytes.subarray(0, at)
  }
}

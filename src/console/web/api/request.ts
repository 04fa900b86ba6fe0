/** Requests to the API of the gateway that served this page. */

import { signOut, token } from '../session.js'
import { reached } from './reached.js'

/** As the API tells of problems (RFC 9457). */
export class Problem extends Error {
  readonly status: number
  readonly code: string

  constructor (status: number, code: string, detail: string) {
    super(detail)
    this.name = 'Problem'
    this.status = status
    this.code = code
  }
}

export interface Asked {
  readonly method?: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  readonly body?: unknown
  readonly signal?: AbortSignal
  readonly headers?: Readonly<Record<string, string>>
  /** In place of the session's. */
  readonly bearer?: string
}

/** The answer's JSON; undefined where it has none. @throws Problem */
export async function ask<T> (path: string, asked: Asked = {}): Promise<T> {
  const answer = await request(path, asked)
  return (answer.status === 204 ? undefined : await answer.json()) as T
}

/** @throws Problem, also where the gateway does not answer. A token that is void ends the session. */
export async function request (path: string, { method = 'GET', body, signal, headers, bearer = token.value }: Asked = {}): Promise<Response> {
  const answer = await fetch(path, {
    method,
    headers: { ...headers, ...(bearer !== undefined && { authorization: `Bearer ${bearer}` }), ...(body !== undefined && { 'content-type': 'application/json' }) },
    cache: 'no-store',
    credentials: 'omit',
    ...(body !== undefined && { body: JSON.stringify(body) }),
    ...(signal !== undefined && { signal })
  }).catch((error: unknown) => {
    if (signal?.aborted === true) throw error
    reached.value = false
    throw new Problem(0, 'unreachable', 'The gateway does not answer. Is it running?')
  })
  reached.value = true
  if (answer.ok) return answer
  if (answer.status === 401 && bearer === token.value && token.value !== undefined) signOut('The token is not valid any more. Sign in again.')
  throw await problemOf(answer)
}

async function problemOf (answer: Response): Promise<Problem> {
  try {
    const { code, detail } = await answer.json() as { code: string, detail: string }
    return new Problem(answer.status, code, detail)
  } catch {
    return new Problem(answer.status, 'unknown', `The gateway answered with status ${answer.status}.`)
  }
}

/** A part of a path. */
export function part (text: string): string {
  return encodeURIComponent(text)
}

export function isAborted (error: unknown): boolean {
  return error instanceof DOMException && error.name === 'AbortError'
}

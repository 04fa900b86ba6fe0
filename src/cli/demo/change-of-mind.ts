/**
 * A home that changes its mind: withdraws its consent to one purpose and gives it again, over the gateway's API and with
 * its own token, as an app would.
 *
 * Also a watch on the promise that after a withdrawal is answered nothing more of it leaves.
 */

export interface Mind {
  readonly account: string
  readonly purpose: string
  readonly gatewayApi: string
  readonly token: string
  readonly everyMs: number
  /** Disclosures of the home that have left for this purpose, counted to the moment of the call. */
  readonly departed: () => number
  /** Reports of the home that were acknowledged. */
  readonly reported: () => number
}

export interface Change {
  readonly state: 'granted' | 'withdrawn'
  readonly atMs: number
  /** Since this change. */
  readonly reported: number
  readonly departed: number
}

interface Mark {
  readonly state: Change['state']
  readonly atMs: number
  readonly reported: number
  readonly departed: number
}

export class ChangeOfMind {
  withdrawals = 0
  /** Disclosures that left although their withdrawal had been answered: must stay zero. */
  strayed = 0
  /** Requests that the API did not answer as it should. */
  failures = 0
  readonly #mind: Mind
  readonly #now: () => number
  #mark: Mark
  #timer: NodeJS.Timeout | undefined
  #changing: Promise<void> | undefined

  constructor (mind: Mind, now: () => number) {
    this.#mind = mind
    this.#now = now
    this.#mark = this.#markOf('granted')
    this.#timer = setInterval(() => { this.#changing ??= this.#turn().finally(() => { this.#changing = undefined }) }, mind.everyMs)
  }

  get purpose (): string {
    return this.#mind.purpose
  }

  get latest (): Change {
    const { state, atMs, reported, departed } = this.#mark
    return { state, atMs, reported: this.#mind.reported() - reported, departed: this.#mind.departed() - departed }
  }

  async stop (): Promise<void> {
    clearInterval(this.#timer)
    this.#timer = undefined
    await this.#changing
  }

  /** Call when the last of what left has been read. */
  settle (): void {
    if (this.#mark.state === 'withdrawn') this.strayed += this.latest.departed
  }

  async #turn (): Promise<void> {
    const state = this.#mark.state === 'granted' ? 'withdrawn' : 'granted'
    this.settle()
    try {
      await this.#say(state)
      if (state === 'withdrawn') this.withdrawals++
      this.#mark = this.#markOf(state)
    } catch {
      this.failures++
      this.#mark = this.#markOf('granted')
    }
  }

  #markOf (state: Change['state']): Mark {
    return { state, atMs: this.#now(), reported: this.#mind.reported(), departed: this.#mind.departed() }
  }

  async #say (state: Change['state']): Promise<void> {
    const { gatewayApi, account, token, purpose } = this.#mind
    const answer = await fetch(`${gatewayApi}/v1/accounts/${account}/consents`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ purpose, state, source: 'demo' })
    })
    await answer.arrayBuffer()
    if (answer.status !== 201) throw new TypeError('the API refused a change of consent')
  }
}

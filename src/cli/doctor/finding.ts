/** What a check of `curtilage doctor` found. Names, paths and counts; never a credential, nor anything of a home. */

export type Level = 'ok' | 'warning' | 'problem'

export interface Finding {
  /** Stable: scripts may look for it. */
  readonly check: string
  readonly level: Level
  /** What is so. */
  readonly text: string
  /** What to do; absent where nothing is. */
  readonly remedy?: string
}

/** A check, with the words for what it finds. */
export class Findings {
  readonly found: Finding[] = []
  readonly #check: string

  constructor (check: string) {
    this.#check = check
  }

  ok (text: string): void {
    this.found.push({ check: this.#check, level: 'ok', text })
  }

  warning (text: string, remedy: string): void {
    this.found.push({ check: this.#check, level: 'warning', text, remedy })
  }

  problem (text: string, remedy: string): void {
    this.found.push({ check: this.#check, level: 'problem', text, remedy })
  }
}

/** The system's own code; its text may hold anything. */
export function systemCode (error: unknown): string {
  const code = (error as { code?: unknown } | undefined)?.code
  return typeof code === 'string' && /^[A-Za-z][A-Za-z0-9_-]{0,63}$/.test(code) ? code : 'no code'
}

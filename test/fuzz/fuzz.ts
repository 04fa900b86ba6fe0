/**
 * The loop: inputs that reached something new are kept, and changed again.
 *
 * ```
 * seeds ─▶ pool ─▶ a batch of changed copies ─▶ attempt each ─▶ coverage of the batch
 *           ▲                                                        │ something new
 *           └────────────────── those that reached it ◀── one by one ┘
 * ```
 */

import { CoverageMeter, workOf, type Blocks } from './coverage.js'
import { minimize } from './minimize.js'
import { Random } from './random.js'
import type { Opened, Target } from './target.js'

const BATCH = 64
const LONG_BYTES = 512
/** Four times the bytes: linear work is four times as much, the square sixteen times. */
const LONGER = 4
const MOST_LONGER_WORK = 8
const FIXED_WORK = 20_000

export interface FuzzOptions {
  readonly seed: number
  readonly seeds: readonly Uint8Array[]
  /** Asked after each batch. */
  readonly goOn: (runs: number) => boolean
  /** Told of each input before it is tried: what stands there when it never ends is the input to blame. */
  readonly onAttempt?: (input: Uint8Array) => void
  /** False: changed copies of the seeds alone, to compare with. */
  readonly guided?: boolean
}

export interface Finding {
  readonly error: unknown
  /** As small as it could be made. */
  readonly input: Uint8Array
}

export interface FuzzResult {
  readonly runs: number
  readonly blocks: number
  readonly pool: readonly Uint8Array[]
  readonly finding: Finding | undefined
}

/** Ends at the first finding. */
export async function fuzz (target: Target, options: FuzzOptions): Promise<FuzzResult> {
  const opened = await target.open()
  const meter = new CoverageMeter(target.sources)
  try {
    return await new Fuzzing(target, opened, meter, options).run()
  } finally {
    await opened.close?.()
  }
}

class Fuzzing {
  readonly #target: Target
  readonly #opened: Opened
  readonly #meter: CoverageMeter
  readonly #options: FuzzOptions
  readonly #random: Random
  readonly #pool: Uint8Array[] = []
  /** The most that one input ran each block, in powers of eight. */
  readonly #most = new Map<string, number>()
  #runs = 0

  constructor (target: Target, opened: Opened, meter: CoverageMeter, options: FuzzOptions) {
    this.#target = target
    this.#opened = opened
    this.#meter = meter
    this.#options = options
    this.#random = new Random(options.seed)
  }

  async run (): Promise<FuzzResult> {
    const { seeds, goOn } = this.#options
    let finding = await this.#considerAll(seeds)
    if (this.#pool.length === 0) this.#pool.push(...seeds, new Uint8Array())
    while (finding === undefined && goOn(this.#runs)) finding = await this.#batch()
    return { runs: this.#runs, blocks: this.#most.size, pool: this.#pool, finding }
  }

  async #batch (): Promise<Finding | undefined> {
    const inputs = Array.from({ length: BATCH }, () => this.#changed())
    if (this.#options.guided === false) return await this.#tryAll(inputs)
    return await this.#considerAll(inputs)
  }

  /** Tries inputs and keeps those that reached something new, found by halving: most batches hold none, few more than one. */
  async #considerAll (inputs: readonly Uint8Array[]): Promise<Finding | undefined> {
    for (let i = 0; i < inputs.length; i += BATCH) {
      const finding = await this.#halve(inputs.slice(i, i + BATCH))
      if (finding !== undefined) return finding
    }
  }

  async #halve (inputs: readonly Uint8Array[]): Promise<Finding | undefined> {
    this.#meter.read()
    const finding = await this.#tryAll(inputs)
    if (finding !== undefined) return finding
    const blocks = this.#meter.read()
    if (!this.#isNew(blocks, inputs.length)) return undefined
    if (inputs.length === 1) return await this.#keep(inputs[0]!, blocks)
    const middle = inputs.length >> 1
    return await this.#halve(inputs.slice(0, middle)) ?? await this.#halve(inputs.slice(middle))
  }

  async #keep (input: Uint8Array, blocks: Blocks): Promise<Finding | undefined> {
    for (const [block, count] of blocks) this.#most.set(block, Math.max(this.#most.get(block) ?? 0, magnitude(count)))
    this.#pool.push(input)
    return await this.#judgeWork(input)
  }

  /** Of many inputs together: if the sum is more than each had at most before, one of them had more. */
  #isNew (blocks: Blocks, inputs: number): boolean {
    for (const [block, count] of blocks) {
      const most = this.#most.get(block)
      if (most === undefined || magnitude(count / inputs) > most) return true
    }
    return false
  }

  async #tryAll (inputs: readonly Uint8Array[]): Promise<Finding | undefined> {
    for (const input of inputs) {
      const finding = await this.#try(input)
      if (finding !== undefined) return finding
    }
  }

  async #try (input: Uint8Array): Promise<Finding | undefined> {
    const error = await this.#failure(input)
    if (error === undefined) return undefined
    const fails = async (smaller: Uint8Array): Promise<boolean> => sameKind((await this.#failure(smaller))?.error, error.error)
    return { error: error.error, input: await minimize(input, fails) }
  }

  async #failure (input: Uint8Array): Promise<{ error: unknown } | undefined> {
    this.#runs++
    this.#options.onAttempt?.(input)
    try {
      const trying = this.#opened.attempt(input)
      if (trying !== undefined) await trying
    } catch (error) {
      return { error }
    }
  }

  /**
   * Much more of the same must take that much more work, not the square of it.
   *
   * Twice over, since a search that ends early in the shorter text says nothing of the longer one.
   */
  async #judgeWork (input: Uint8Array): Promise<Finding | undefined> {
    if (this.#target.isLinear !== true || input.length === 0) return undefined
    const lengths = [LONG_BYTES, LONG_BYTES * LONGER, LONG_BYTES * LONGER ** 2]
    const works: number[] = []
    for (const bytes of lengths) {
      this.#meter.read()
      const finding = await this.#try(repeated(input, bytes))
      if (finding !== undefined) return finding
      const before = works.at(-1)
      works.push(workOf(this.#meter.read()))
      if (before !== undefined && works.at(-1)! <= FIXED_WORK + before * MOST_LONGER_WORK) return undefined
    }
    return { error: new Error(`${works.join(', ')} blocks for ${lengths.join(', ')} bytes: not linear`), input }
  }

  #changed (): Uint8Array {
    let input = this.#chosen()
    for (let i = this.#random.below(4); i >= 0; i--) input = this.#random.pick(this.#target.mutators)(input, this.#chosen(), this.#random)
    return input.subarray(0, this.#target.maxBytes)
  }

  /** The latest more often: what they lead to is not yet known. */
  #chosen (): Uint8Array {
    const latest = this.#random.chance(2) ? this.#pool.slice(-Math.ceil(this.#pool.length / 4)) : this.#pool
    return this.#random.pick(latest)
  }
}

function repeated (input: Uint8Array, bytes: number): Uint8Array {
  return Buffer.concat(Array.from({ length: Math.ceil(bytes / input.length) }, () => input)).subarray(0, bytes)
}

function magnitude (count: number): number {
  return Math.floor(Math.log2(Math.max(1, count)) / 3)
}

/** Of the same text, figures aside. */
function sameKind (a: unknown, b: unknown): boolean {
  return a !== undefined && String(a).replace(/\d+/g, '0') === String(b).replace(/\d+/g, '0')
}

/**
 * A terminal's second screen, drawn as a whole and only where it changed; the first comes back as it was.
 *
 * Drawn between the marks of synchronized output (DEC private mode 2026), so that no terminal shows half a frame.
 */

const ENTER = '\u001b[?1049h\u001b[?25l\u001b[2J'
const LEAVE = '\u001b[?25h\u001b[?1049l'
const BEGIN = '\u001b[?2026h\u001b[H'
const END = '\u001b[J\u001b[?2026l'
const ERASE_LINE = '\u001b[2K'

export class Screen {
  readonly #output: NodeJS.WriteStream
  readonly #leave = (): void => this.leave()
  #shown: string | undefined = ''

  constructor (output: NodeJS.WriteStream) {
    this.#output = output
    output.write(ENTER)
    process.once('exit', this.#leave)
  }

  /** No line may be wider than the terminal. */
  show (lines: readonly string[]): void {
    const text = lines.map(line => ERASE_LINE + line).join('\r\n')
    const size = `${this.#output.columns}x${this.#output.rows}`
    if (this.#shown === undefined || this.#shown === size + text) return
    this.#shown = size + text
    this.#output.write(BEGIN + text + END)
  }

  /** May be called twice. */
  leave (): void {
    if (this.#shown === undefined) return
    this.#shown = undefined
    process.removeListener('exit', this.#leave)
    this.#output.write(LEAVE)
  }
}

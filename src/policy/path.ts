/**
 * Field paths as ops write them.
 *
 * ```
 * path    = [ "[]" { "[]" } [ "." ] ] segment { "." segment }  |  "[]" { "[]" }
 * segment = ( name | quoted | "*" | "{" category "}" ) { "[]" }
 * name    = one or more characters other than . [ ] { } * " \ and control characters
 * quoted  = '"' { any character, with \" and \\ for the two } '"'
 * ```
 */

export type Segment =
  | { readonly kind: 'key', readonly name: string }
  | { readonly kind: 'any' }
  | { readonly kind: 'keyed', readonly category: string, /** Length of the path up to and with this segment. */ readonly end: number }
  | { readonly kind: 'element' }

export type PathOutcome =
  | { readonly segments: readonly Segment[] }
  | { readonly error: string, /** Characters before the offending one. */ readonly offset: number }

/** Reports nested deeper are not read at all. */
const MAX_SEGMENTS = 64

export function parsePath (text: string): PathOutcome {
  const parser = new PathParser(text)
  try {
    return { segments: parser.parse() }
  } catch (error) {
    if (error instanceof PathError) return { error: error.message, offset: parser.offset }
    throw error
  }
}

class PathError extends Error {}

class PathParser {
  offset = 0
  private readonly text: string
  private readonly segments: Segment[] = []

  constructor (text: string) {
    this.text = text
  }

  parse (): Segment[] {
    if (this.text === '') throw new PathError('empty path')
    const rootArray = this.elements()
    if (rootArray && this.atEnd()) return this.segments
    if (rootArray) this.accept('.')
    do this.segment()
    while (this.accept('.'))
    if (!this.atEnd()) throw new PathError(`'${this.text[this.offset]}' where '.', '[]' or the end should be`)
    if (this.segments.length > MAX_SEGMENTS) throw new PathError(`more than ${MAX_SEGMENTS} segments`)
    return this.segments
  }

  private segment (): void {
    if (this.accept('"')) this.segments.push({ kind: 'key', name: this.quoted() })
    else if (this.accept('*')) this.segments.push({ kind: 'any' })
    else if (this.accept('{')) this.segments.push(this.placeholder())
    else this.segments.push({ kind: 'key', name: this.bare() })
    this.elements()
  }

  private elements (): boolean {
    const start = this.offset
    while (this.accept('[]')) this.segments.push({ kind: 'element' })
    return this.offset > start
  }

  private bare (): string {
    const name = this.match(/[^.[\]{}*"\\\p{Cc}]+/uy)
    if (name === '') throw new PathError(this.atEnd() || this.text[this.offset] === '.' ? 'empty segment' : 'character that must stand in double quotes')
    return name
  }

  private placeholder (): Segment {
    const category = this.match(/[^{}]+/uy)
    if (category === '') throw new PathError('empty placeholder')
    if (!this.accept('}')) throw new PathError('placeholder without its }')
    return { kind: 'keyed', category, end: this.offset }
  }

  private quoted (): string {
    let name = ''
    for (;;) {
      name += this.match(/[^"\\]*/uy)
      if (this.accept('"')) return name
      const escaped = /^\\(["\\])/.exec(this.text.slice(this.offset, this.offset + 2))?.[1]
      if (escaped === undefined) throw new PathError(this.atEnd() ? 'quoted segment without its end' : 'escape other than \\" and \\\\')
      this.offset += 2
      name += escaped
    }
  }

  private match (pattern: RegExp): string {
    pattern.lastIndex = this.offset
    const found = pattern.exec(this.text)?.[0] ?? ''
    this.offset += found.length
    return found
  }

  private accept (token: string): boolean {
    if (!this.text.startsWith(token, this.offset)) return false
    this.offset += token.length
    return true
  }

  private atEnd (): boolean {
    return this.offset >= this.text.length
  }
}

/**
 * The editor of the configuration: YAML, with problems at their place.
 *
 * It stands in a shadow root, where its styles are adopted style sheets: the page's security policy lets no style element in.
 */

import { defaultKeymap, history, historyKeymap } from '@codemirror/commands'
import { yaml } from '@codemirror/lang-yaml'
import { bracketMatching, HighlightStyle, indentOnInput, indentUnit, syntaxHighlighting } from '@codemirror/language'
import { lintGutter, lintKeymap, setDiagnostics, type Diagnostic } from '@codemirror/lint'
import { EditorState } from '@codemirror/state'
import { drawSelection, EditorView, highlightActiveLine, highlightActiveLineGutter, keymap, lineNumbers } from '@codemirror/view'
import { tags } from '@lezer/highlight'

export interface Place {
  /** From 1. */
  readonly line: number
  readonly column: number
}

export interface Mark extends Place {
  readonly message: string
}

export interface EditorOptions {
  readonly readOnly: boolean
  readonly onChange: (text: string) => void
}

export class Editor {
  readonly #view: EditorView
  readonly #options: EditorOptions
  #label: string
  #isSetting = false

  constructor (host: HTMLElement, label: string, text: string, options: EditorOptions) {
    const root = host.shadowRoot ?? host.attachShadow({ mode: 'open' })
    this.#options = options
    this.#label = label
    this.#view = new EditorView({ parent: root, root, state: this.#stateOf(label, text) })
  }

  /** Puts another text in, where it is another. Each file has an undo history of its own. */
  show (label: string, text: string): void {
    if (label !== this.#label) {
      this.#label = label
      this.#view.setState(this.#stateOf(label, text))
      return
    }
    const { doc } = this.#view.state
    if (doc.toString() === text) return
    this.#isSetting = true
    this.#view.dispatch({ changes: { from: 0, to: doc.length, insert: text } })
    this.#isSetting = false
  }

  mark (marks: readonly Mark[]): void {
    this.#view.dispatch(setDiagnostics(this.#view.state, marks.map(mark => this.#diagnosticOf(mark))))
  }

  goTo (place: Place): void {
    const anchor = this.#offsetOf(place)
    this.#view.dispatch({ selection: { anchor }, effects: EditorView.scrollIntoView(anchor, { y: 'center' }) })
    this.#view.focus()
  }

  destroy (): void {
    this.#view.destroy()
  }

  #stateOf (label: string, doc: string): EditorState {
    const { readOnly, onChange } = this.#options
    return EditorState.create({
      doc,
      extensions: [
        lineNumbers(), lintGutter(), history(), drawSelection(), indentOnInput(), bracketMatching(), highlightActiveLine(), highlightActiveLineGutter(),
        yaml(), indentUnit.of('  '), syntaxHighlighting(COLORS), THEME, EditorView.lineWrapping,
        keymap.of([...defaultKeymap, ...historyKeymap, ...lintKeymap]),
        EditorState.readOnly.of(readOnly),
        EditorView.contentAttributes.of({ 'aria-label': label, tabindex: '0', spellcheck: 'false', autocapitalize: 'off' }),
        EditorView.updateListener.of(({ docChanged, state }) => { if (docChanged && !this.#isSetting) onChange(state.doc.toString()) })
      ]
    })
  }

  #offsetOf ({ line, column }: Place): number {
    const { doc } = this.#view.state
    const { from, to } = doc.line(Math.min(Math.max(line, 1), doc.lines))
    return Math.min(from + column - 1, to)
  }

  /** As far as the word or the line goes. */
  #diagnosticOf (mark: Mark): Diagnostic {
    const { doc } = this.#view.state
    const from = this.#offsetOf(mark)
    const { to, text } = doc.lineAt(from)
    const word = /^[^\s:,{}[\]]+/.exec(text.slice(mark.column - 1))?.[0].length ?? 0
    return { from, to: word > 0 ? from + word : to, severity: 'error', message: mark.message }
  }
}

const COLORS = HighlightStyle.define([
  { tag: tags.definition(tags.propertyName), color: 'var(--accent)' },
  { tag: tags.propertyName, color: 'var(--accent)' },
  { tag: [tags.lineComment, tags.meta], color: 'var(--ink-soft)' },
  { tag: [tags.string, tags.content], color: 'var(--ink)' },
  { tag: [tags.punctuation, tags.separator, tags.squareBracket, tags.brace], color: 'var(--ink-soft)' }
])

const THEME = EditorView.theme({
  '&': { height: '100%', fontSize: 'var(--text-s)', color: 'var(--ink)', backgroundColor: 'var(--surface)' },
  '&.cm-focused': { outline: '2px solid var(--accent)', outlineOffset: '-1px' },
  '.cm-scroller': { fontFamily: 'var(--mono)', lineHeight: '1.55', overflow: 'auto' },
  '.cm-content': { caretColor: 'var(--ink)', padding: 'var(--s2) 0' },
  '.cm-cursor, .cm-dropCursor': { borderLeftColor: 'var(--ink)' },
  '&.cm-focused .cm-selectionBackground, .cm-selectionBackground': { backgroundColor: 'var(--accent-tint)' },
  '.cm-gutters': { backgroundColor: 'var(--sunken)', color: 'var(--ink-soft)', border: '0', borderRight: '1px solid var(--line)' },
  '.cm-activeLine': { backgroundColor: 'color-mix(in srgb, var(--sunken) 55%, transparent)' },
  '.cm-activeLineGutter': { backgroundColor: 'transparent', color: 'var(--ink)', fontWeight: '600' },
  '.cm-tooltip': { backgroundColor: 'var(--raised)', color: 'var(--ink)', border: '1px solid var(--line-strong)', borderRadius: 'var(--radius-s)', maxWidth: '22rem' },
  '.cm-diagnostic': { padding: 'var(--s2) var(--s3)', fontFamily: 'var(--sans)' },
  '.cm-diagnostic-error': { borderLeft: '3px solid var(--alarm-line)' },
  '.cm-lintRange-error': { backgroundImage: 'none', textDecoration: 'underline wavy var(--alarm-line)', textUnderlineOffset: '3px' },
  '.cm-matchingBracket, &.cm-focused .cm-matchingBracket': { backgroundColor: 'var(--accent-tint)', outline: '1px solid var(--accent)' }
})

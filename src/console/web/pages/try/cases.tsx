/** The cases of the configuration, run on the draft: those that turn out otherwise, expected beside actual. */

import { Badge } from '../../parts/badge.js'
import { RuleLink, type OnRule } from '../../parts/rule-link.js'
import { countOf } from '../../words/format.js'
import type { CaseResult } from './try-data.js'

export function Cases ({ cases, onRule }: { cases: readonly CaseResult[], onRule: OnRule }) {
  const failed = cases.filter(({ ok }) => !ok)
  return (
    <div class='stack'>
      <p class='row'>
        {failed.length === 0 ? <Badge tone='stays'>all as expected</Badge> : <Badge tone='alarm'>{countOf(failed.length, 'case')} not as expected</Badge>}
        <span class='soft'>{countOf(cases.length, 'case')} in <code>tests/</code></span>
      </p>
      {failed.map(({ name, rule, results }) => (
        <section key={rule} class='case'>
          <h3>{name}</h3>
          <p class='small soft'><RuleLink rule={rule} onRule={onRule} /></p>
          {results.filter(({ ok }) => !ok).map(({ recipient, expected, actual }) => (
            <div key={recipient} class='beside'>
              <div><h4>{recipient}, expected</h4><pre class='code' tabIndex={0} aria-label={`${recipient}, expected`}>{pretty(expected)}</pre></div>
              <div><h4>{recipient}, by the draft</h4><pre class='code' tabIndex={0} aria-label={`${recipient}, by the draft`}>{pretty(actual)}</pre></div>
            </div>
          ))}
        </section>
      ))}
    </div>
  )
}

/** Keys in one order on both sides. */
function pretty (value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) => typeof part === 'object' && part !== null && !Array.isArray(part) ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => a < b ? -1 : 1)) : part, 2)
}

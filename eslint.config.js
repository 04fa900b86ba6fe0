import neostandard from 'neostandard'

export default [
  ...neostandard({ ts: true, ignores: ['dist/', '.tap/', 'coverage/', 'data/'] }),
  {
    files: ['**/*.ts'],
    rules: {
      'no-restricted-syntax': ['error', {
        // INVARIANT: only guard/release.ts makes a Disclosure.
        selector: ':matches(TSAsExpression, TSTypeAssertion) Identifier[name="Disclosure"]',
        message: 'a Disclosure is constructed by guard/release.ts only'
      }]
    }
  }
]

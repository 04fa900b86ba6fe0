/** Asks for a token and holds it against the API before anything else is shown. */

import { useState } from 'preact/hooks'
import { ask, Problem } from '../api/request.js'
import { ended, signIn, type Session } from '../session.js'
import { Note } from '../parts/note.js'
import { Brand } from './brand.js'

export function SignIn () {
  const [given, setGiven] = useState('')
  const [problem, setProblem] = useState('')
  const [busy, setBusy] = useState(false)

  const submit = async (event: Event): Promise<void> => {
    event.preventDefault()
    setBusy(true)
    setProblem('')
    try {
      const bearer = given.trim()
      signIn(bearer, await ask<Session>('/v1/session', { bearer }))
    } catch (error) {
      setProblem(error instanceof Problem && error.status === 401 ? 'No such token.' : (error as Error).message)
      setBusy(false)
    }
  }

  return (
    <div class='sign-in'>
      <main>
        <Brand />
        <div class='stack tight'>
          <h1>Sign in</h1>
          <p class='soft'>With a token of this gateway. It stays in this tab and ends with it.</p>
        </div>
        {ended.value !== '' && <Note>{ended.value}</Note>}
        <form onSubmit={submit} class='stack'>
          <div class='field'>
            <label for='token'>Token</label>
            <input id='token' type='password' autocomplete='off' spellcheck={false} required value={given} aria-describedby='token-hint token-problem' onInput={event => setGiven(event.currentTarget.value)} />
            <p class='hint' id='token-hint'>The first one stands in the data folder, in <code>ops.token</code>. Others are made with <code>curtilage token create</code>.</p>
          </div>
          <div id='token-problem' role='alert'>{problem !== '' && <Note tone='alarm'>{problem}</Note>}</div>
          <button class='primary' type='submit' disabled={busy || given.trim() === ''}>Sign in</button>
        </form>
      </main>
    </div>
  )
}

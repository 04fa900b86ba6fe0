/** The frame around every page: sign-in, navigation, one page, and where the keyboard goes when it changes. */

import { useEffect, useRef } from 'preact/hooks'
import { ask, isAborted } from '../api/request.js'
import { Note } from '../parts/note.js'
import { pageFor } from '../pages/pages.js'
import { route } from '../router.js'
import { session, token, type Session } from '../session.js'
import { useLoaded } from '../parts/use-loaded.js'
import { Navigation } from './navigation.js'
import { Reach } from './reach.js'
import { SignIn } from './sign-in.js'

export function Shell () {
  if (token.value === undefined) return <SignIn />
  return session.value === undefined ? <Resuming /> : <Frame shown={session.value} />
}

/** After a reload: the token is there, who it is has to be asked again. */
function Resuming () {
  const { problem } = useLoaded(async signal => {
    try {
      session.value = await ask<Session>('/v1/session', { signal })
    } catch (error) {
      if (!isAborted(error)) throw error
    }
  }, [])
  return <main>{problem === undefined ? <p class='loading'>Signing in…</p> : <Note tone='alarm'>{problem}</Note>}</main>
}

function Frame ({ shown }: { shown: Session }) {
  const [path = '', ...rest] = route.value
  const page = pageFor(path, shown.role)
  const first = useRef(true)
  useEffect(() => {
    document.title = page === undefined ? 'Curtilage' : `${page.title} · Curtilage`
    // a reader hears the new page's heading; the first page is announced by the browser
    if (!first.current) document.querySelector<HTMLElement>('main h1')?.focus()
    first.current = false
  }, [page, rest.join('/')])
  const Content = page?.content
  return (
    <>
      <a class='skip' href='#content' onClick={event => { event.preventDefault(); document.getElementById('content')?.focus() }}>Skip to content</a>
      <div class='frame'>
        <Navigation current={page} shown={shown} />
        <main id='content' tabIndex={-1}>
          <Reach />
          {Content === undefined ? <Note>There is no such page, or your token may not see it.</Note> : <Content key={path} rest={rest} />}
        </main>
      </div>
    </>
  )
}

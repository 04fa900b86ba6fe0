/** Shows the demo while it runs: a screen on a terminal, lines elsewhere. */

import { print } from '../terminal.js'
import { drawScreen, SMALLEST } from './draw-screen.js'
import { changeOfMindLine, plainLine } from './plain-line.js'
import { Screen } from './screen.js'
import type { DemoView } from './view.js'

export interface Display {
  /** Gives the terminal back as it was. */
  end (): void
}

const SCREEN_MS = 333
const LINE_MS = 2_000
const LOOK_MS = 250

export function showDemo (take: () => DemoView, plain: boolean): Display {
  const { columns = 0, rows = 0, isTTY } = process.stdout
  const hasRoom = isTTY === true && columns >= SMALLEST.columns && rows >= SMALLEST.rows
  return plain || !hasRoom ? showLines(take) : showScreen(take)
}

function showScreen (take: () => DemoView): Display {
  const screen = new Screen(process.stdout)
  const draw = (): void => {
    const { columns, rows } = process.stdout
    const fits = columns >= SMALLEST.columns && rows >= SMALLEST.rows
    screen.show(fits ? drawScreen(take(), { columns, rows }) : [`the demo needs ${SMALLEST.columns} columns and ${SMALLEST.rows} rows`])
  }
  draw()
  const timer = setInterval(draw, SCREEN_MS)
  return {
    end: () => {
      clearInterval(timer)
      screen.leave()
    }
  }
}

function showLines (take: () => DemoView): Display {
  let changedMs = take().change?.atMs
  const look = (): void => {
    const { change } = take()
    if (change === undefined || change.atMs === changedMs) return
    changedMs = change.atMs
    print(changeOfMindLine(change))
  }
  const timers = [setInterval(look, LOOK_MS), setInterval(() => print(plainLine(take())), LINE_MS)]
  return { end: () => { timers.forEach(timer => clearInterval(timer)) } }
}

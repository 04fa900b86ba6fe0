/** The colors of the theme as they are now, for what is drawn on a canvas. */

const NAMES = {
  ink: '--ink',
  soft: '--ink-soft',
  line: '--line',
  strong: '--line-strong',
  surface: '--surface',
  raised: '--raised',
  accent: '--accent',
  leaves: '--leaves-line',
  stays: '--stays-line',
  alarm: '--alarm-line'
} as const

export type Colors = Readonly<Record<keyof typeof NAMES | 'font', string>>

export function colorsNow (): Colors {
  const probe = document.createElement('span')
  document.body.append(probe)
  const read = (name: string): string => {
    probe.style.color = `var(${name})`
    return getComputedStyle(probe).color
  }
  const colors = Object.fromEntries(Object.entries(NAMES).map(([key, name]) => [key, read(name)]))
  probe.remove()
  return { ...colors, font: getComputedStyle(document.body).fontFamily } as Colors
}

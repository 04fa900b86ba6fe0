/**
 * A chart of echarts, loaded when the first one is shown. For eyes alone: what it shows has to stand in a table as well.
 *
 * Tooltips are drawn on the canvas, since the page's security policy takes no markup with styles of its own.
 */

import { useEffect, useRef } from 'preact/hooks'
import type { ECharts } from 'echarts/core'
import { isDark } from '../shell/theme.js'
import { colorsNow, type Colors } from './colors.js'
import type { Option } from './echarts.js'

interface Drawn {
  /** What it is about, for those who do not see it. */
  readonly label: string
  readonly heightRem: number
  readonly option: (colors: Colors) => Option
  readonly onChoose?: (name: string) => void
}

export function Chart ({ label, heightRem, option, onChoose }: Drawn) {
  const place = useRef<HTMLDivElement>(null)
  const chart = useRef<ECharts>(undefined)
  const latest = useRef(option)
  const choose = useRef(onChoose)
  latest.current = option
  choose.current = onChoose

  useEffect(() => {
    let gone = false
    const observer = new ResizeObserver(() => chart.current?.resize())
    import('./echarts.js').then(({ init }) => {
      if (gone || place.current === null) return
      chart.current = init(place.current, undefined, { renderer: 'canvas' })
      chart.current.on('click', ({ name }) => choose.current?.(name))
      observer.observe(place.current)
      draw(chart.current, latest.current)
    }, () => {})
    return () => {
      gone = true
      observer.disconnect()
      chart.current?.dispose()
    }
  }, [])
  useEffect(() => { if (chart.current !== undefined) draw(chart.current, option) }, [option, isDark.value])

  return <div class='chart' role='img' aria-label={label} ref={place} style={{ height: `${heightRem}rem` }} />
}

function draw (chart: ECharts, option: Drawn['option']): void {
  const colors = colorsNow()
  const isStill = window.matchMedia('(prefers-reduced-motion: reduce)').matches
  chart.setOption({
    animation: !isStill,
    animationDurationUpdate: 300,
    textStyle: { fontFamily: colors.font, color: colors.ink },
    tooltip: { renderMode: 'richText', confine: true, backgroundColor: colors.raised, borderColor: colors.line, textStyle: { color: colors.ink, fontSize: 12, fontFamily: colors.font } },
    ...option(colors)
  }, { notMerge: isStill, replaceMerge: isStill ? [] : ['series'] })
}

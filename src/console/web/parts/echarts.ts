/** Of echarts, what the console draws with. */

import { BarChart, SankeyChart, type BarSeriesOption, type SankeySeriesOption } from 'echarts/charts'
import { GridComponent, LegendComponent, TooltipComponent, type GridComponentOption, type LegendComponentOption, type TooltipComponentOption } from 'echarts/components'
import { init, use, type ComposeOption } from 'echarts/core'
import { CanvasRenderer } from 'echarts/renderers'

use([BarChart, SankeyChart, GridComponent, LegendComponent, TooltipComponent, CanvasRenderer])

export type Option = ComposeOption<BarSeriesOption | SankeySeriesOption | GridComponentOption | LegendComponentOption | TooltipComponentOption>

export { init }

/**
 * OpenTelemetry traces of the stages, sent as OTLP over HTTP. Loaded only where gateway.yaml asks for them.
 *
 * ```
 * report {curtilage.report, curtilage.outcome}
 *   classify                                              {curtilage.outcome}
 *   decide, minimize, guard {curtilage.recipient}         {curtilage.outcome}
 *   append                                                {curtilage.outcome}
 * deliver {curtilage.recipient, curtilage.count, curtilage.outcome}
 * ```
 * Not sent: anything of a report but the name of its type, an account, a device, the host. A collector that is down or slow
 * holds up nobody: spans are dropped.
 */

import { ROOT_CONTEXT, SpanStatusCode, trace, type Span, type Tracer } from '@opentelemetry/api'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base'
import type { TraceSettings } from '../policy/gateway-settings.js'
import type { ReportTrace, TracedStage, Tracing } from '../trace.js'

const EXPORT_MS = 5_000
const END_MS = 2_000
const MAX_WAITING = 4_096
const ATTRIBUTE = { report: 'curtilage.report', recipient: 'curtilage.recipient', outcome: 'curtilage.outcome', count: 'curtilage.count' }
/** What is an error in a trace: all else is the gateway at its work. */
const ERRORS = new Set(['transient', 'guard-alarm'])

export function openTracing ({ endpoint, share }: TraceSettings, random: () => number): Tracing {
  const exporter = new OTLPTraceExporter({ url: endpoint, timeoutMillis: EXPORT_MS })
  const processor = new BatchSpanProcessor(exporter, { exportTimeoutMillis: EXPORT_MS, maxQueueSize: MAX_WAITING })
  const provider = new BasicTracerProvider({ resource: resourceFromAttributes({ 'service.name': 'curtilage' }), spanProcessors: [processor] })
  const tracer = provider.getTracer('curtilage')
  return {
    report: () => random() < share ? new SpannedReport(tracer) : undefined,
    deliver: (recipient, count) => {
      if (random() >= share) return () => {}
      const span = tracer.startSpan('deliver', { root: true, attributes: { [ATTRIBUTE.recipient]: recipient, [ATTRIBUTE.count]: count } })
      return outcome => finish(span, outcome, outcome !== 'delivered')
    },
    end: async () => {
      let timer: NodeJS.Timeout | undefined
      const late = new Promise<void>(resolve => { timer = setTimeout(resolve, END_MS) })
      await Promise.race([provider.shutdown().catch(() => {}), late])
      clearTimeout(timer)
    }
  }
}

class SpannedReport implements ReportTrace {
  readonly #tracer: Tracer
  readonly #root: Span
  #stage: Span | undefined
  #outcome: string | undefined

  constructor (tracer: Tracer) {
    this.#tracer = tracer
    this.#root = tracer.startSpan('report', { root: true })
  }

  step (stage: TracedStage, recipient?: string): void {
    this.#endStage('done')
    this.#stage = this.#tracer.startSpan(stage, recipient === undefined ? {} : { attributes: { [ATTRIBUTE.recipient]: recipient } }, trace.setSpan(ROOT_CONTEXT, this.#root))
  }

  outcome (code: string): void {
    this.#outcome = code
  }

  end (report: string, outcome: string): void {
    this.#endStage(outcome === 'transient' ? 'transient' : 'done')
    this.#root.setAttribute(ATTRIBUTE.report, report)
    finish(this.#root, outcome)
  }

  #endStage (otherwise: string): void {
    if (this.#stage !== undefined) finish(this.#stage, this.#outcome ?? otherwise)
    this.#stage = this.#outcome = undefined
  }
}

function finish (span: Span, outcome: string, isError = ERRORS.has(outcome)): void {
  span.setAttribute(ATTRIBUTE.outcome, outcome)
  if (isError) span.setStatus({ code: SpanStatusCode.ERROR })
  span.end()
}

/**
 * What the path of a report tells of its stages, where traces are asked for. Names of stages, report types and recipients,
 * and outcome codes; no parameter here could take a value or an id.
 */

export type TracedStage = 'classify' | 'decide' | 'minimize' | 'guard' | 'append'

/** One report. */
export interface ReportTrace {
  /** A stage begins; the one before has ended. */
  step (stage: TracedStage, recipient?: string): void
  /** How the stage under way ends. */
  outcome (code: string): void
  /** The report is final, or met transient trouble. */
  end (report: string, outcome: string): void
}

export interface Tracing {
  /** Undefined: this report is not traced. */
  report (): ReportTrace | undefined
  /** A batch is handed to a recipient; returns what is to be called when that has ended. */
  deliver (recipient: string, count: number): (outcome: string) => void
  /** Sends what is left, for a while. */
  end (): Promise<void>
}

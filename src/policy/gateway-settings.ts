/** `gateway.yaml`, compiled: everything has a value. */

export interface GatewaySettings {
  /** Data folder as written; relative to where the gateway was started. */
  readonly dataFolder: string
  readonly listeners: readonly ListenerSettings[]
  readonly http: AddressSettings
  readonly limits: LimitSettings
  readonly logLevel: LogLevel
}

export interface AddressSettings {
  readonly host: string
  /** 0 picks a free one. */
  readonly port: number
}

export type ListenerSettings =
  | AddressSettings & { readonly type: 'mqtt' | 'ws' }
  /** Files as written; relative to where the gateway was started. */
  | AddressSettings & { readonly type: 'mqtts' | 'wss', readonly certFile: string, readonly keyFile: string }

export interface LimitSettings {
  readonly maxReportBytes: number
  readonly maxPacketBytes: number
  readonly maxConnectBytes: number
  /** PUBLISH packets of one connection. */
  readonly maxInFlight: number
  /** Of one device, over all its connections. */
  readonly maxReportsPerSecond: number
  /** For one connection. */
  readonly maxUnsentBytes: number
  /** In all connections together, either way. */
  readonly maxBufferedBytes: number
  readonly maxOutboxEntries: number
  readonly authenticateTimeoutMs: number
  readonly stageTimeoutMs: number
  readonly drainTimeoutMs: number
  readonly maxConnections: number
}

export type LogLevel = 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent'

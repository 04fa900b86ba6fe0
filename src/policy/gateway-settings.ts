/** `gateway.yaml`, compiled: everything has a value. */

export interface GatewaySettings {
  /** Data folder as written; relative to where the gateway was started. */
  readonly dataFolder: string
  readonly listeners: readonly ListenerSettings[]
  readonly http: PlainAddressSettings
  readonly limits: LimitSettings
  readonly logLevel: LogLevel
  /** Absent: no traces. */
  readonly traces?: TraceSettings
}

export interface TraceSettings {
  /** Of an OTLP/HTTP receiver. */
  readonly endpoint: string
  /** Of all reports and batches, 0 to 1. */
  readonly share: number
}

/** Asked for by a policy, not by the settings that it runs under. */
export interface ApprovalSettings {
  /** Different API tokens that have to approve what is wider than this policy. */
  readonly needed: number
  /** `file:line`. */
  readonly rule: string
}

export interface AddressSettings {
  readonly host: string
  /** 0 picks a free one. */
  readonly port: number
}

export interface PlainAddressSettings extends AddressSettings {
  /** The configuration says in so many words that this one may be off loopback without encryption. */
  readonly plaintext: boolean
}

export type ListenerSettings =
  | PlainAddressSettings & { readonly type: 'mqtt' }
  | PlainAddressSettings & WebSettings & { readonly type: 'ws' }
  | AddressSettings & TlsSettings & { readonly type: 'mqtts' }
  | AddressSettings & TlsSettings & WebSettings & { readonly type: 'wss' }

/** Files as written; relative to where the gateway was started. */
export interface TlsSettings {
  readonly certFile: string
  readonly keyFile: string
  /** Absent: clients are asked for no certificate. */
  readonly client?: ClientCertificateSettings
}

export interface ClientCertificateSettings {
  readonly caFile: string
  readonly crlFile?: string
  /** Else a password does too. */
  readonly required: boolean
}

export interface WebSettings {
  /** Absent: any path is answered. */
  readonly path?: string
  /** Of web pages that may connect. */
  readonly origins: readonly string[]
}

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
  readonly maxOutboxBytes: number
  /** Of one recipient. */
  readonly maxDeadLetters: number
  readonly deadLetterRetentionMs: number
  readonly countRetentionMs: number
  readonly authenticateTimeoutMs: number
  readonly stageTimeoutMs: number
  readonly drainTimeoutMs: number
  /** From accept to the end of the TLS handshake and the WebSocket upgrade. */
  readonly handshakeTimeoutMs: number
  /** Authenticated ones, over all listeners. */
  readonly maxConnections: number
  readonly maxConnectionsPerDevice: number
  readonly maxUnauthenticated: number
  /** From one source address in a minute. */
  readonly maxFailedLogins: number
}

export type LogLevel = 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent'

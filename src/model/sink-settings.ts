/** The technical way to a recipient, as compiled. Credentials are named by their files and never stand here. */

export interface FileSinkPlace {
  readonly type: 'file'
  readonly folder: string
  /** Days of delivery that ended longer ago than this are removed; absent: none is. */
  readonly retentionMs?: number
}

/** Topics of this broker. */
export interface LocalMqttPlace {
  readonly type: 'mqtt'
}

/** What all servers elsewhere have in common. Files as written, relative to where the gateway was started. */
export interface RemotePlace {
  /** Without credentials; encrypted, unless the host is loopback or the configuration says that it need not be. */
  readonly url: string
  /** Certificates to trust in place of the system's, PEM. */
  readonly caFile?: string
  /** Longest wait for an answer. */
  readonly timeoutMs: number
}

export interface HttpPlace extends RemotePlace {
  readonly type: 'http'
  /** Keys that sign each request, one a line. */
  readonly secretFile?: string
  /** Bearer token. */
  readonly tokenFile?: string
  readonly maxBatch: number
  readonly maxBodyBytes: number
}

/** Who the gateway is to a server that asks for a name and a password. */
export interface Login {
  readonly userName?: string
  readonly passwordFile?: string
}

export interface RemoteMqttPlace extends RemotePlace, Login {
  readonly type: 'remote-mqtt'
  readonly protocolVersion: 4 | 5
}

export interface RedisPlace extends RemotePlace, Login {
  readonly type: 'redis'
  /** Key of the stream. */
  readonly stream: string
  /** Entries that the stream keeps, about; absent: all. */
  readonly maxLength?: number
}

export interface NatsPlace extends RemotePlace, Login {
  readonly type: 'nats'
  /** Name of the stream, which must exist. */
  readonly stream: string
  readonly tokenFile?: string
}

export type SinkSettings = FileSinkPlace | LocalMqttPlace | HttpPlace | RemoteMqttPlace | RedisPlace | NatsPlace

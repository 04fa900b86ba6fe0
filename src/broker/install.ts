/**
 * Puts the gateway's hooks on a broker, in front of the acknowledgement and behind whatever hooks its host has set.
 *
 * Every hook must agree: the host's first, then the gateway's. A hook that the host sets later takes the host's place, never
 * the gateway's. The broker's `handle` gets the gate.
 */

import { errorOf } from '../model/errors.js'
import { AnswersInOrder } from './answers-in-order.js'
import { AppDelivery } from './app-delivery.js'
import { carryArrival } from './arrival.js'
import { authenticate, prepareConnect } from './connect.js'
import { Connections } from './connections.js'
import { FailedLogins } from './failed-logins.js'
import { judgeForward, judgeSubscribe } from './forward.js'
import { GateKeeper } from './gate/gate-keeper.js'
import type { LaneDoor } from './gate/lane.js'
import { answerOnce } from './once.js'
import { judgePublish, refuse } from './publish.js'
import { ReportTurns } from './report-turns.js'
import { sessionOf } from './session.js'
import { RecipientSubscribers } from './subscribers.js'
import { restoreWill } from './will.js'
import type { Aedes } from 'aedes'
import type { Door } from './door.js'

type HookName = 'preConnect' | 'authenticate' | 'authorizePublish' | 'authorizeSubscribe' | 'authorizeForward'

export interface Installed {
  readonly subscribers: RecipientSubscribers
  /** All that are authenticated, from before their CONNACK until their stream ends. */
  readonly connected: Connections
}

const guarded = new WeakSet<Aedes>()

/** Throws a TypeError where the broker has the gateway's hooks already. */
export function install (broker: Aedes, door: Door): Installed {
  if (guarded.has(broker)) throw new TypeError('this broker has a gateway already')
  guarded.add(broker)
  const connected = new Connections()
  const logins = new FailedLogins(door.limits.maxFailedLogins)
  const apps = new AppDelivery(connected)
  const plainPublish = new (broker.constructor as typeof Aedes)().authorizePublish
  let isHostSilent = false
  const lane: LaneDoor = {
    // a host that set a hook of its own is asked about every packet
    isOpen: () => isHostSilent,
    take: report => door.take(report),
    show: report => apps.show(report, report.qos),
    dropped: () => door.dropped()
  }
  const keeper = new GateKeeper(door.limits, lane, reason => door.refused(reason))
  const turns = new ReportTurns()
  const answers = new AnswersInOrder()
  const { stageTimeoutMs } = door.limits
  // the gate keeps the deadline and counts; past the gate, nothing waits for ever either
  const authenticateTimeoutMs = 2 * door.limits.authenticateTimeoutMs

  // once SUBACK is written: many clients do not expect a packet before it
  broker.on('subscribe', (_subscriptions, client) => {
    const identity = sessionOf(client)?.identity
    if (identity?.kind === 'recipient') setImmediate(() => door.recipientReady(identity.recipient))
  })

  compose(broker, 'preConnect', host => (client, packet, done) => {
    answerOnce<[Error | null, boolean]>(answer => host.call(broker, client, packet, answer), (error, agreed) => {
      if (error == null && agreed) prepareConnect(client, packet, door)
      done(error, agreed)
    }, error => done(error, false), authenticateTimeoutMs)
  })

  compose(broker, 'authenticate', host => (client, userName, password, done) => {
    answerOnce<Parameters<typeof done>>(answer => host.call(broker, client, userName, password, answer), (error, agreed) => {
      if (error != null || agreed !== true) return done(error, false)
      answerOnce<Parameters<typeof done>>(
        async answer => {
          const refusal = await authenticate(client, password, door, connected, logins)
          if (refusal === null) keeper.know(client)
          answer(refusal, refusal === null)
        },
        done, () => done(null, false), authenticateTimeoutMs)
    }, () => done(null, false), authenticateTimeoutMs)
  })

  compose(broker, 'authorizePublish', host => {
    isHostSilent = host === plainPublish
    return (client, packet, done) => {
      const isWill = restoreWill(packet)
      const settle = keeper.carry(isWill ? null : client, packet, isWill || packet.qos === 0 ? done : answers.place(client, done))
      if (packet.topic.startsWith('$')) return settle(refuse(packet, 'reserved-topic', door))
      answerOnce<[(Error | null)?]>(answer => host.call(broker, client, packet, answer), error => {
        if (error != null) return settle(error)
        turns.take(client, () => {
          judgePublish(client, packet, isWill, door, apps).then(settle, () => settle(errorOf('report-not-taken')))
        })
      }, settle, stageTimeoutMs)
    }
  })

  compose(broker, 'authorizeSubscribe', host => (client, subscription, done) => {
    answerOnce<Parameters<typeof done>>(answer => host.call(broker, client, subscription, answer), (error, allowed) => {
      if (error != null || allowed == null) return done(error, null)
      const refusal = judgeSubscribe(client, allowed, door)
      done(refusal, refusal === null ? allowed : null)
    }, error => done(error, null), stageTimeoutMs)
  })

  compose(broker, 'authorizeForward', host => (client, packet) => {
    try {
      const allowed = host.call(broker, client, packet)
      return allowed != null && judgeForward(client, packet) ? allowed : null
    } catch {
      return null
    }
  })

  const handle = broker.handle
  broker.handle = (stream, request) => {
    const gate = keeper.open(stream)
    carryArrival(stream, gate)
    return handle(gate, request)
  }
  return { subscribers: new RecipientSubscribers(broker, connected), connected }
}

function compose<K extends HookName> (broker: Aedes, name: K, ours: (host: Aedes[K]) => Aedes[K]): void {
  let hook = ours(broker[name])
  Object.defineProperty(broker, name, {
    configurable: false,
    enumerable: true,
    get: () => hook,
    set: (host: Aedes[K]) => { hook = ours(host) }
  })
}

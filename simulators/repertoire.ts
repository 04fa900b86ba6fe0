/** Which reports each kind of device sends, and how often. */

import type { Kind } from './models.js'
import type { Random } from './random.js'
import { cameraAlarm, detectionConfig } from './reports/camera.js'
import { contact, leak } from './reports/child-info.js'
import { children } from './reports/children.js'
import { climate } from './reports/climate.js'
import { clock } from './reports/clock.js'
import { cloud } from './reports/cloud.js'
import { deviceInfo } from './reports/device-info.js'
import { discovery } from './reports/discovery.js'
import { energyRealtime, energyUsage } from './reports/energy.js'
import { firmware } from './reports/firmware.js'
import { light } from './reports/light-state.js'
import type { Build } from './reports/moment.js'
import { motion } from './reports/motion.js'
import { schedule } from './reports/schedule.js'
import { storage } from './reports/storage.js'
import { ambientLight, pirConfig } from './reports/switch-sensors.js'
import { sysinfo } from './reports/sysinfo.js'
import { triggerLog } from './reports/trigger-log.js'
import { usage } from './reports/usage.js'
import { vacuum } from './reports/vacuum.js'
import { wifiScan } from './reports/wifi-scan.js'

export type ReportName =
  | 'sysinfo' | 'device-info' | 'discovery' | 'energy-realtime' | 'energy-usage' | 'usage' | 'trigger-log' | 'motion' | 'contact' | 'climate'
  | 'pir-config' | 'ambient-light' | 'camera-alarm' | 'detection-config' | 'wifi-scan' | 'children' | 'schedule' | 'light-state' | 'firmware'
  | 'cloud' | 'clock' | 'storage' | 'vacuum' | 'leak'

/** Milliseconds between two reports: shortest and longest. `burst`: mostly seconds apart, then a lull. `boot`: also right after connecting. */
export interface Cadence {
  readonly shortestMs: number
  readonly longestMs: number
  readonly boot: boolean
  readonly burst: boolean
}

export interface Act {
  readonly report: ReportName
  readonly build: Build
  readonly cadence: Cadence
}

const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE

const boot = (report: ReportName, build: Build, shortestMs: number, longestMs: number): Act => ({ report, build, cadence: { shortestMs, longestMs, boot: true, burst: false } })
const later = (report: ReportName, build: Build, shortestMs: number, longestMs: number): Act => ({ report, build, cadence: { shortestMs, longestMs, boot: false, burst: false } })
const bursts = (report: ReportName, build: Build): Act => ({ report, build, cadence: { shortestMs: 16 * SECOND, longestMs: 35 * SECOND, boot: false, burst: true } })

const DAILY = [boot('clock', clock, 20 * HOUR, 28 * HOUR), later('firmware', firmware, 20 * HOUR, 28 * HOUR)]
const KASA = [boot('sysinfo', sysinfo, 5 * MINUTE, 60 * MINUTE), boot('cloud', cloud, 20 * HOUR, 28 * HOUR), later('schedule', schedule, 12 * HOUR, 24 * HOUR), ...DAILY]
const SMART = [boot('device-info', deviceInfo, 5 * MINUTE, 60 * MINUTE), boot('discovery', discovery, 20 * HOUR, 28 * HOUR), later('wifi-scan', wifiScan, 6 * HOUR, 24 * HOUR), ...DAILY]
const POWERED = [later('usage', usage, HOUR, HOUR), later('schedule', schedule, 12 * HOUR, 24 * HOUR)]
const REALTIME = later('energy-realtime', energyRealtime, 10 * SECOND, 60 * SECOND)
/** Six outlets, each in turn. */
const REALTIME_STRIP = later('energy-realtime', energyRealtime, 2 * SECOND, 10 * SECOND)
const SENSORS = [
  later('trigger-log', triggerLog, 8 * SECOND, 60 * SECOND),
  later('contact', contact, 5 * MINUTE, 3 * HOUR),
  later('leak', leak, HOUR, 6 * HOUR),
  later('climate', climate, 15 * MINUTE, 15 * MINUTE),
  boot('children', children, 5 * MINUTE, 5 * MINUTE)
]

export const REPERTOIRE: Readonly<Record<Kind, readonly Act[]>> = {
  'first-plug': [...KASA, REALTIME],
  plug: [...KASA, REALTIME],
  strip: [...KASA, REALTIME_STRIP],
  bulb: [...KASA, REALTIME, later('light-state', light, MINUTE, 2 * HOUR)],
  'motion-switch': [...KASA, later('pir-config', pirConfig, 2 * HOUR, 12 * HOUR), later('ambient-light', ambientLight, 2 * HOUR, 12 * HOUR)],
  'smart-plug': [...SMART, ...POWERED, REALTIME, later('energy-usage', energyUsage, 15 * MINUTE, 60 * MINUTE)],
  'smart-strip': [...SMART, ...POWERED, boot('children', children, 5 * MINUTE, 5 * MINUTE)],
  'smart-bulb': [...SMART, ...POWERED, later('light-state', light, MINUTE, 2 * HOUR)],
  'motion-sensor': [...SMART, bursts('motion', motion)],
  hub: [...SMART, ...SENSORS],
  bridge: [...SMART, ...SENSORS],
  camera: [...SMART, later('camera-alarm', cameraAlarm, 2 * MINUTE, 3 * HOUR), later('detection-config', detectionConfig, 6 * HOUR, 24 * HOUR), later('storage', storage, HOUR, HOUR)],
  vacuum: [...SMART, later('vacuum', vacuum, 6 * HOUR, 24 * HOUR), later('schedule', schedule, 12 * HOUR, 24 * HOUR)]
}

/** How long until a device first sends a report; what it tells at boot, and all of it where `soon`, within five seconds. */
export function firstDelayMs (cadence: Cadence, random: Random, soon: boolean): number {
  return random.integer(0, cadence.boot || soon ? 5 * SECOND : cadence.longestMs)
}

/** How long until it sends the next one. A burst ends, one time in five, in a lull of 23 minutes to 7 hours. */
export function nextDelayMs (cadence: Cadence, random: Random): number {
  if (cadence.burst && random.chance(0.2)) return random.integer(23 * MINUTE, 7 * HOUR)
  return random.integer(cadence.shortestMs, cadence.longestMs)
}

/** When a report is made, and the small spellings that many reports share. */

import type { Identity } from '../identity.js'
import type { Random } from '../random.js'

export interface Moment {
  readonly epochMs: number
  readonly random: Random
}

/** What a device sends, before it is written as JSON. */
export type Content = { readonly [key: string]: unknown }
export type Build = (identity: Identity, moment: Moment) => Content

/** What firmware sends for a coordinate that nobody set. */
export const UNSET_COORDINATE = -1879048193

export function seconds (moment: Moment): number {
  return Math.floor(moment.epochMs / 1000)
}

/** `2026-01-05 11:20:30`, in the home's time. */
export function localTime (identity: Identity, epochMs: number): string {
  return new Date(epochMs + identity.home.place.timeDiff * 60_000).toISOString().slice(0, 19).replace('T', ' ')
}

/** Newer firmware writes names in base64. */
export function base64 (text: string): string {
  return Buffer.from(text).toString('base64')
}

export function scaledCoordinate (identity: Identity, degrees: number): number {
  return identity.coordinates === 'unset' ? UNSET_COORDINATE : Math.round(degrees * 10_000)
}

/** A signal strength in dBm, and the 0–3 that devices show for it. */
export function signal (random: Random): { rssi: number, signal_level: number } {
  const rssi = -random.integer(28, 85)
  return { rssi, signal_level: rssi > -55 ? 3 : rssi > -68 ? 2 : 1 }
}

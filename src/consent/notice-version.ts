/** Versions of the notice: numbers parted by dots, compared number by number (`1.10` comes after `1.9`). */

export const NOTICE_VERSION = /^\d{1,6}(\.\d{1,6}){0,3}$/

/** True if `version` is `minimum` or later. Fails closed: what is no version is earlier than all. */
export function isNoticeAtLeast (version: string, minimum: string): boolean {
  if (version === minimum) return true
  if (!NOTICE_VERSION.test(version) || !NOTICE_VERSION.test(minimum)) return false
  const [have, want] = [version.split('.'), minimum.split('.')]
  for (let i = 0; i < Math.max(have.length, want.length); i++) {
    const difference = Number(have[i] ?? 0) - Number(want[i] ?? 0)
    if (difference !== 0) return difference > 0
  }
  return true
}

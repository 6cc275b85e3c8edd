import type { ContractSchedule } from '../../../contract/schedule.ts'

/** When a schedule fires, in words: `30 2 * * * (Europe/Berlin)`, `every 3600 s`, `at 2030-01-31T08:00:00.000Z`. */
export function whenOf({ cron, timeZone, everySeconds, at }: ContractSchedule): string {
  if (cron !== null) return `${cron} (${timeZone})`
  return everySeconds === null ? `at ${at}` : `every ${everySeconds} s`
}

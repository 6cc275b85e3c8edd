/** Sections of a GitLab job log, which a reader may collapse. */
import { harmless } from './disarm.ts'

const erase = '\u001b[0K'

/** `name` is of letters, digits, `_`, `.` and `-`. */
export function sectionBegin(name: string, title: string, now: number): string {
  return `${erase}section_start:${seconds(now)}:${name}\r${erase}${harmless(title)}\n`
}

export function sectionEnd(name: string, now: number): string {
  return `${erase}section_end:${seconds(now)}:${name}\r${erase}\n`
}

function seconds(now: number): number {
  return Math.floor(now / 1000)
}

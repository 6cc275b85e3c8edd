import { readProc, threadsOf } from './proc.ts'

/** A process in terms that a later boot can still check. */
export interface Identity {
  readonly pid: number
  readonly startTicks: number
  readonly bootId: string
}

/** What /proc/PID/stat says of a process, as far as we ask. */
export interface Stat {
  /** R running, S sleeping, D waiting for a disk, T stopped, Z zombie, X dead. */
  readonly state: string
  readonly group: number
  readonly isKernelThread: boolean
  readonly cpuTicks: number
  /** CPU of children that ended and were waited for. */
  readonly childrenCpuTicks: number
  /** Clock ticks since boot: with the boot id, a process's identity that no reuse of its pid can fake. */
  readonly startTicks: number
}

/** Linux has fixed what user space sees as a tick at 100 a second. */
export const TICKS_PER_SECOND = 100

/** PF_KTHREAD: such a one is the kernel's own and has no environment. */
const kernelThreadFlag = 0x0020_0000

/** Of a process, or of a thread of one. Undefined when there is no such process, or no /proc. */
export function readStat(pid: number | `${number}/task/${string}`): Stat | undefined {
  const text = readProc(`/proc/${pid}/stat`)
  return text === undefined ? undefined : parseStat(text)
}

/** Parses after the last `)`: the name before it is the process's own choice and may hold anything. */
export function parseStat(text: string): Stat {
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  const number = (field: number) => Number(fields[field - 3])
  return {
    state: fields[0] ?? '',
    group: number(5),
    isKernelThread: (number(9) & kernelThreadFlag) !== 0,
    cpuTicks: number(14) + number(15),
    childrenCpuTicks: number(16) + number(17),
    startTicks: number(22),
  }
}

/**
 * A killed process that nobody has waited for yet is as good as gone: it runs no line of code any more. Its first
 * thread alone does not tell: that one may have ended while others run.
 */
export function isGone(pid: number): boolean {
  const hasEnded = (stat: Stat | undefined) => stat === undefined || stat.state === 'Z' || stat.state === 'X'
  return hasEnded(readStat(pid)) && threadsOf(pid).every((thread) => hasEnded(readStat(`${pid}/task/${thread}`)))
}

/** Changes with every boot of the machine; empty where the system does not tell. */
export function readBootId(): string {
  return readProc('/proc/sys/kernel/random/boot_id')?.trim() ?? ''
}

import { readStat, TICKS_PER_SECOND } from '../../../src/process/identity.ts'

/** So many processes, one after the other in each slot. */
export interface Starts {
  readonly count: number
}

/** How long they took together, the CPU of all that was started and has ended, and that of who started them. */
export interface Started {
  readonly seconds: number
  readonly cpuSeconds: number
  readonly ownCpuSeconds: number
}

export async function measure(work: () => Promise<unknown>): Promise<Started> {
  const cpuBefore = childrenCpuSeconds()
  const ownBefore = process.cpuUsage()
  const before = performance.now()
  await work()
  const seconds = (performance.now() - before) / 1000
  const { user, system } = process.cpuUsage(ownBefore)
  return { seconds, cpuSeconds: childrenCpuSeconds() - cpuBefore, ownCpuSeconds: (user + system) / 1e6 }
}

/** To 10 ms, so it takes some starts to tell. */
function childrenCpuSeconds(): number {
  return (readStat(process.pid)?.childrenCpuTicks ?? Number.NaN) / TICKS_PER_SECOND
}

import { readStat, TICKS_PER_SECOND } from '../../../src/process/identity.ts'

/** So many processes, one after the other in each slot. */
export interface Starts {
  readonly count: number
}

/** How long they took together, and the CPU of all that was started and has ended. */
export interface Started {
  readonly seconds: number
  readonly cpuSeconds: number
}

export async function measure(work: () => Promise<unknown>): Promise<Started> {
  const cpuBefore = childrenCpuSeconds()
  const before = performance.now()
  await work()
  return { seconds: (performance.now() - before) / 1000, cpuSeconds: childrenCpuSeconds() - cpuBefore }
}

/** To 10 ms, so it takes some starts to tell. */
function childrenCpuSeconds(): number {
  return (readStat(process.pid)?.childrenCpuTicks ?? Number.NaN) / TICKS_PER_SECOND
}

import type { WorkerUsage } from '../src/protocol/messages.ts'

const { readFileSync } = process.getBuiltinModule('node:fs')

/** CPU of this process and of the children that it has waited for; peak memory of this process. */
export function usage(): WorkerUsage {
  const own = process.resourceUsage()
  return {
    cpuSeconds: (own.userCPUTime + own.systemCPUTime) / 1e6 + childrenCpuSeconds(),
    peakRssMiB: own.maxRSS / 1024,
  }
}

const ticksPerSecond = 100

function childrenCpuSeconds(): number {
  try {
    const stat = readFileSync('/proc/self/stat', 'latin1')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return (Number(fields[13]) + Number(fields[14])) / ticksPerSecond
  } catch {
    return 0
  }
}

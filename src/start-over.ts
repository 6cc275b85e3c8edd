import { readFileSync } from 'node:fs'
import { url as debuggedAt } from 'node:inspector'
import { inheritedDescriptors } from './process/inherited.ts'
import { openLibc } from './process/libc.ts'
import { mayRun } from './process/programs.ts'

/** Whatever is freed is filled with it, and nothing freed is kept aside as it is. */
const tunables = ['glibc.malloc.perturb=170', 'glibc.malloc.tcache_count=0']

/** What a program with rights of its own is not told by its environment it would ask for again and again. */
const hasStartedOver = 'MAYFLY_STARTED_OVER'

/**
 * Has the system's libraries leave no registers behind, for these hold what was copied last: a secret perhaps, that stays
 * where they come to lie. V8 lays them down in memory that it frees whenever it leaves optimized code (measured), so what
 * is freed is overwritten; the linker lays them on the stack when a function is called for the first time, so it finds all
 * functions ahead. Libraries ask for that only when they are loaded, so we start over, as the same process: once, and not
 * where somebody would lose us: a parent its channel, a debugger its connection.
 */
export function startOver({ platform, env, execPath, execArgv, argv, execve, channel }: NodeJS.Process): void {
  const isFirst = env[hasStartedOver] === undefined
  delete env[hasStartedOver]
  if (platform !== 'linux' || !isFirst || channel !== undefined || debuggedAt() !== undefined) return
  const given = whatWasGiven(env)
  // From a program that cannot be started there would be no way back.
  if (!given || !mayRun(execPath)) return
  const told = tellLibraries(given.environment)
  const areTold = Object.entries(told).every(([name, value]) => given.environment[name] === value)
  if (areTold || !keepOpen(given.descriptors)) return
  const environment = { ...given.environment, ...told, [hasStartedOver]: '1' }
  execve?.(execPath, [execPath, ...execArgv, ...argv.slice(1)], environment)
}

/** What the environment of a program says to them then, beside what they are told already. */
export function tellLibraries({ GLIBC_TUNABLES = '' }: NodeJS.ProcessEnv) {
  const all = new Set([...GLIBC_TUNABLES.split(':').filter(Boolean), ...tunables])
  return { GLIBC_TUNABLES: [...all].join(':'), LD_BIND_NOW: '1' } as const
}

/** By whoever started this process; undefined where the system does not say it. */
function whatWasGiven(env: NodeJS.ProcessEnv) {
  try {
    return { environment: givenEnvironment(env), descriptors: inheritedDescriptors() }
  } catch {
    return undefined
  }
}

/**
 * Not what was added since, from a file perhaps: it will be again, and in an environment others could read it. Of two with
 * one name the first, as for the C library, which cuts to pieces there what it was told itself.
 */
function givenEnvironment({ GLIBC_TUNABLES, ...env }: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const words = readFileSync('/proc/self/environ', 'utf8').split('\0').toReversed()
  const entries = words.map((word) => word.split(/=(.*)/s, 2))
  const given = entries.filter(([name = '', value]) => value !== undefined && Object.hasOwn(env, name))
  return { ...Object.fromEntries(given), ...(GLIBC_TUNABLES !== undefined && { GLIBC_TUNABLES }) }
}

/** Node has all that it finds open closed when another program begins. False where that cannot be kept from it. */
function keepOpen(descriptors: readonly number[]): boolean {
  if (descriptors.length === 0) return true
  const libc = openLibc()
  for (const fd of descriptors) libc?.keepOpen(fd)
  return libc !== undefined
}

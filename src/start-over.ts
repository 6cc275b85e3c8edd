import { parseArgs } from 'node:util'
import { openLibc } from './process/libc.ts'

/** Whatever is freed is filled with it, and nothing freed is kept aside as it is. */
const tunables = ['glibc.malloc.perturb=170', 'glibc.malloc.tcache_count=0']

/** What a program with rights of its own is not told by its environment it would ask for again and again. */
const hasStartedOver = 'MAYFLY_STARTED_OVER'

/**
 * Has the system's libraries leave no registers behind, for these hold what was copied last: a secret perhaps, that stays
 * where they come to lie. V8 lays them down in memory that it frees whenever it leaves optimized code (measured), so what
 * is freed is overwritten; the linker lays them on the stack when a function is called for the first time, so it finds all
 * functions ahead. Libraries ask for that only when they are loaded, so we start over, as the same process: once, and not
 * where a parent would lose its channel to us.
 */
export function startOver({ platform, env, execPath, execArgv, argv, execve, channel }: NodeJS.Process): void {
  const told = tellLibraries(env)
  const areTold = Object.entries(told).every(([name, value]) => env[name] === value)
  const isFirst = env[hasStartedOver] === undefined && channel === undefined
  delete env[hasStartedOver]
  if (platform !== 'linux' || !isFirst || areTold) return
  const fd = Number(passphraseFd(argv.slice(2), env))
  // Node has all that it finds open closed when another program begins.
  if (Number.isInteger(fd)) openLibc()?.keepOpen(fd)
  execve?.(execPath, [execPath, ...execArgv, ...argv.slice(1)], { ...env, ...told, [hasStartedOver]: '1' })
}

/** What the environment of a program says to them then, beside what they are told already. */
export function tellLibraries({ GLIBC_TUNABLES = '' }: NodeJS.ProcessEnv) {
  const all = new Set([...GLIBC_TUNABLES.split(':').filter(Boolean), ...tunables])
  return { GLIBC_TUNABLES: [...all].join(':'), LD_BIND_NOW: '1' } as const
}

/** Whether it is there is for others to say. */
function passphraseFd(args: string[], { MAYFLY_PASSPHRASE_FD }: NodeJS.ProcessEnv): unknown {
  const { values } = parseArgs({ args, options: { 'passphrase-fd': { type: 'string' } }, strict: false })
  return values['passphrase-fd'] ?? MAYFLY_PASSPHRASE_FD
}

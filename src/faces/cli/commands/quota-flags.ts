import type { Command } from 'commander'
import type { SomeQuotas } from '../../../contract/tenant.ts'
import { POOLS, type Pool } from '../../../task/task.ts'
import { collect } from '../command.ts'
import { UsageError } from '../exit.ts'
import { mapOf, numberOf } from '../request.ts'

export interface QuotaOptions {
  readonly weight?: string
  readonly running?: string
  readonly poolRunning: readonly string[]
  readonly queued?: string
  readonly poolQueued: readonly string[]
  readonly submits?: string
  readonly memory?: string
  readonly daySeconds?: string
  readonly runSeconds?: string
  readonly timeZone?: string
}

/** Each also takes `default`: as the installation has it. */
export function withQuotas(command: Command): Command {
  return command
    .option(
      '--weight <number>',
      'its part of process time, against that of others; default: as the installation has it',
    )
    .option('--running <number>', 'tasks that may run at once')
    .option('--pool-running <pool=number>', 'the same of one pool', collect, [])
    .option('--queued <number>', 'tasks that may wait')
    .option('--pool-queued <pool=number>', 'the same of one pool', collect, [])
    .option('--submits <number>', 'submissions a minute')
    .option('--memory <MiB>', 'what its running tasks may use together, by their limits')
    .option('--day-seconds <seconds>', 'process time of a day')
    .option('--run-seconds <seconds>', 'how long an attempt may take, at the most that a task may ask for')
    .option('--time-zone <name>', 'for windows, such as Europe/Berlin')
}

export function quotasOf(options: QuotaOptions): SomeQuotas {
  const { weight, running, poolRunning, queued, poolQueued, submits, memory, daySeconds, runSeconds, timeZone } =
    options
  return {
    ...(weight !== undefined && { weight: quota('--weight', weight) }),
    ...(running !== undefined && { running: quota('--running', running) }),
    ...(poolRunning.length > 0 && { poolRunning: byPool('--pool-running', poolRunning) }),
    ...(queued !== undefined && { queued: quota('--queued', queued) }),
    ...(poolQueued.length > 0 && { poolQueued: byPool('--pool-queued', poolQueued) }),
    ...(submits !== undefined && { submitsPerMinute: quota('--submits', submits) }),
    ...(memory !== undefined && { memoryMiB: quota('--memory', memory) }),
    ...(daySeconds !== undefined && { processSecondsPerDay: quota('--day-seconds', daySeconds) }),
    ...(runSeconds !== undefined && { runSeconds: quota('--run-seconds', runSeconds) }),
    ...(timeZone !== undefined && { timeZone: timeZone === 'default' ? null : timeZone }),
  }
}

function quota(flag: string, text: string): number | null {
  return text === 'default' ? null : numberOf(flag, text)
}

function byPool(flag: string, texts: readonly string[]): Partial<Record<Pool, number | null>> {
  const stranger = texts.find((text) => !POOLS.some((pool) => text.startsWith(`${pool}=`)))
  if (stranger !== undefined) throw new UsageError(`${flag} takes ${POOLS.join('=…, ')}=…: ${stranger}`)
  return mapOf(flag, texts, (text, pool) => quota(`${flag} ${pool}`, text))
}

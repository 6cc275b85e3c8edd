import type { Command } from 'commander'
import { ON_CONFLICT } from '../../../task/conflict.ts'
import { LIMIT_NAMES } from '../../../task/limits.ts'
import { POOLS } from '../../../task/task.ts'
import { collect, oneOf } from '../command.ts'

/** The flags of a task request, and the upload that its input refers to. */
export function withRequestFlags(command: Command): Command {
  return withTaskFlags(command)
    .option('--not-before <time>', 'ISO 8601, such as 2030-01-31T08:00:00Z')
    .option('--idempotency-key, --key <text>', 'idempotency key: the same for 24 hours leads to the same task')
}

/** The same without what says when and how often it is submitted. */
export function withTaskFlags(command: Command): Command {
  return command
    .argument('<kind>', 'what to do, such as exec or lint: `mayfly kinds` lists them')
    .argument('[command...]', 'after --: the command of an exec task')
    .option('--input <json>', 'the input: JSON, @file, or - for stdin')
    .option('--set <name=value>', 'a member of the input, as JSON or text', collect, [])
    .option('--upload <path>', 'send a directory (as a tar) or an archive, for the input to refer to')
    .option(
      '--secret <name=reference>',
      'lend a secret, such as token=vault:NAME; @FILE or - for stdin sends one for this task alone',
      collect,
      [],
    )
    .option('--label <name=value>', 'label the task', collect, [])
    .option('--limit <name=number>', `one of ${LIMIT_NAMES.join(', ')}`, collect, [])
    .addOption(oneOf('--pool <pool>', 'instead of the pool of the kind', POOLS))
    .option('--priority <seconds>', 'as if it had come that much earlier, ±3600')
    .option('--ttl <seconds>', 'cancel it when it has not started by then')
    .option('--attempts <number>', 'how often to try')
    .option('--concurrency <key>', 'one at a time of those with the same key')
    .addOption(oneOf('--on-conflict <rule>', 'what becomes of those with the same key', ON_CONFLICT))
}

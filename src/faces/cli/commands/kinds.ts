import type { Command } from 'commander'
import { all } from '../../../client/pages.ts'
import { action, define, type Making } from '../command.ts'
import { table } from '../output.ts'

export function kindsCommand(making: Making): Command {
  return define('kinds', 'List the kinds of task there are; --json has their schemas', 'mayfly kinds').action(
    action(making, async ({ client, out }) => {
      const kinds = await all(client.kinds())
      out.document(kinds, () =>
        table(
          ['KIND', 'POOL', 'RUNS AT MOST', 'ABOUT'],
          kinds.map(({ kind, pool, limits, title }) => [kind, pool, `${limits.runSeconds} s`, title]),
        ),
      )
      return undefined
    }),
  )
}

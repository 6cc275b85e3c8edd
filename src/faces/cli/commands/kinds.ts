import type { Command } from 'commander'
import { all } from '../../../client/pages.ts'
import { action, define, type Making } from '../command.ts'
import { table } from '../output.ts'

export function kindsCommand(making: Making): Command {
  const about = 'List the kinds of task there are; --json has their schemas'
  return define('kinds', about, 'mayfly kinds --types > kinds.d.ts')
    .option('--types', 'their inputs and results as TypeScript, for `new Mayfly<Kinds>(…)`')
    .action(
      action<{ types?: true }>(making, async ({ client, out }, { types }) => {
        const kinds = await all(client.kinds())
        if (types) {
          const { typesOf } = await import('../types/kinds.ts')
          const text = typesOf(kinds)
          out.document({ types: text }, () => text)
          return undefined
        }
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

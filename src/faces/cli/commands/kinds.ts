import type { Command } from 'commander'
import { all } from '../../../client/pages.ts'
import type { ContractKind } from '../../../contract/kinds.ts'
import { action, define, type Making } from '../command.ts'
import { CommandError, EXIT } from '../exit.ts'
import { table } from '../output.ts'

export function kindsCommand(making: Making): Command {
  const about = 'List the kinds of task there are, or show what one takes and gives; --json has their schemas'
  return define('kinds', about, 'mayfly kinds exec')
    .argument('[kind]', 'the one to show')
    .option('--types', 'their inputs and results as TypeScript, for `new Mayfly<Kinds>(…)`')
    .action(
      action<{ types?: true }, [string?]>(making, async ({ client, out }, { types }, name) => {
        const kinds = await all(client.kinds())
        const shown = name === undefined ? kinds : [named(kinds, name)]
        if (types) {
          const { typesOf } = await import('../types/kinds.ts')
          const text = typesOf(shown)
          out.document({ types: text }, () => text)
          return undefined
        }
        const { kindText } = await import('../show/kind.ts')
        out.document(name === undefined ? kinds : shown[0], () =>
          name === undefined ? tableOf(kinds) : shown.map(kindText).join(''),
        )
        return undefined
      }),
    )
}

function named(kinds: readonly ContractKind[], name: string): ContractKind {
  const found = kinds.find(({ kind }) => kind === name)
  if (found) return found
  throw new CommandError(`there is no kind ${name}: \`mayfly kinds\` lists those that there are`, EXIT.REFUSED)
}

function tableOf(kinds: readonly ContractKind[]): string {
  return table(
    ['KIND', 'POOL', 'RUNS AT MOST', 'ABOUT'],
    kinds.map(({ kind, pool, limits, title }) => [kind, pool, `${limits.runSeconds} s`, title]),
  )
}

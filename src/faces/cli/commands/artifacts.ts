import type { Command } from 'commander'
import { action, define, type Making } from '../command.ts'
import { download } from '../download.ts'
import { table } from '../output.ts'
import { size } from '../words.ts'

interface Options {
  readonly output?: string
}

export function artifactsCommand(making: Making): Command {
  return define(
    'artifacts',
    'List the files that a task kept, or download them',
    'mayfly artifacts 0192a3b4-… --output kept',
  )
    .argument('<id>', 'the id of the task')
    .option('-o, --output <directory>', 'download them all to this directory')
    .action(
      action<Options, [string]>(making, async ({ client, out }, { output }, id) => {
        if (output === undefined) {
          const kept = await client.artifacts.list(id)
          const rows = kept.map(({ name, bytes, contentType, at }) => [name, size(bytes), contentType, at])
          out.document(kept, () => table(['NAME', 'SIZE', 'TYPE', 'KEPT'], rows))
          return undefined
        }
        let isNothing = true
        await download(client, id, output, (one) => {
          isNothing = false
          out.line(one, () => `${one.path} (${size(one.bytes)})`)
        })
        if (isNothing) out.note('the task kept no files')
        return undefined
      }),
    )
}

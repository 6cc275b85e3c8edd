import type { Command } from 'commander'
import { action, define, type Making } from '../command.ts'
import { readOneTime, wipe } from '../one-time.ts'
import { type RequestOptions, readRequest } from '../request.ts'
import { withUpload } from '../upload.ts'
import { withRequestFlags } from './request-flags.ts'

interface Options extends RequestOptions {
  readonly key?: string
}

export function submitCommand(making: Making): Command {
  const command = define('submit', 'Submit a task and print its id', 'mayfly submit exec --label ci=7 -- make all')
  return withRequestFlags(command).action(
    action<Options, [string, string[]]>(making, async ({ io, client, out }, options, kind, words) => {
      const request = await readRequest(io, kind, words, options)
      const oneTime = await readOneTime(io, options.secret)
      try {
        const whole = await withUpload(client, request, options.upload)
        const task = await client.submit(whole, { idempotencyKey: options.key, oneTime })
        out.document(task, () => task.id)
      } finally {
        wipe(oneTime)
      }
      return undefined
    }),
  )
}

import type { Command } from 'commander'
import { action, define, type Making } from '../command.ts'
import { patiently } from '../follow.ts'
import type { Session } from '../session.ts'
import { shortId } from '../words.ts'

interface Options {
  readonly follow?: boolean
}

export function logsCommand(making: Making): Command {
  return define('logs', 'Print what a task printed and logged', 'mayfly logs 0192a3b4-… --follow')
    .argument('<id>', 'the id of the task')
    .option('-f, --follow', 'go on until the task ends')
    .action(
      action<Options, [string]>(making, async (session, { follow }, id) => {
        if (follow) await printWhileItRuns(session, id)
        else if (session.out.json) await printEvents(session, id)
        else await printText(session, id)
        return undefined
      }),
    )
}

/** Line by line, so that no control sequence hides in two pieces. */
async function printText({ client, io, out }: Session, id: string): Promise<void> {
  let rest = ''
  for await (const piece of client.log(id)) {
    const lines = (rest + piece).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) io.stdout.write(`${out.harmless(line)}\n`)
  }
  if (rest !== '') io.stdout.write(`${out.harmless(rest)}\n`)
}

async function printEvents({ client, out }: Session, id: string): Promise<void> {
  const { lastSeq } = await client.get(id)
  for (let after = 0; after < lastSeq; ) {
    const { items } = await client.events(id, { after })
    for (const event of items) {
      if (event.type === 'task.log') out.line(event, () => '')
    }
    after = items.at(-1)?.seq ?? lastSeq
  }
}

async function printWhileItRuns({ client, out }: Session, id: string): Promise<void> {
  const how = patiently((sentence) => out.note(`${shortId(id)} ${sentence}`))
  for await (const event of client.watch(id, how)) {
    if (event.type === 'task.log') out.line(event, () => String(event.data.text).replace(/\n$/, ''))
  }
}

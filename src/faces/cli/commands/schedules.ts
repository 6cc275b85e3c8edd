import type { Command } from 'commander'
import type { Mayfly } from '../../../client/client.ts'
import { all } from '../../../client/pages.ts'
import { taskIdPattern } from '../../../contract/fragments.ts'
import type { ContractFire, ContractSchedule, ShownSchedule } from '../../../contract/schedule.ts'
import { action, define, group, type Making } from '../command.ts'
import { CommandError, EXIT } from '../exit.ts'
import { pairs, table } from '../output.ts'
import { type RequestOptions, readRequest } from '../request.ts'
import { whenOf } from '../show/when.ts'
import { withUpload } from '../upload.ts'
import { withTaskFlags } from './request-flags.ts'
import { type PolicyOptions, policiesOf, withPolicyFlags } from './schedule-flags.ts'

export function schedulesCommand(making: Making): Command {
  return group('schedules', 'Submit tasks again and again, or once at a time', [
    createCommand(making),
    listCommand(making),
    showCommand(making),
    changeCommand(making),
    runCommand(making),
    verbCommand(making, 'pause', 'Fire nothing until it is resumed'),
    verbCommand(making, 'resume', 'Go on from now'),
    deleteCommand(making),
  ])
}

function createCommand(making: Making): Command {
  const example =
    'mayfly schedules create exec --name nightly --cron "30 2 * * *" --time-zone Europe/Berlin -- make backup\n' +
    '  $ mayfly schedules create exec --every 3600 --overlap replace --jitter 60 -- make sync'
  const command = define('create', 'Make a schedule and print its id', example)
  return withPolicyFlags(withTaskFlags(command)).action(
    action<RequestOptions & PolicyOptions, [string, string[]]>(
      making,
      async ({ io, client, out }, options, kind, words) => {
        const task = await withUpload(client, await readRequest(io, kind, words, options), options.upload)
        const schedule = await client.schedules.create({ ...policiesOf(options), task })
        out.document(schedule, () => schedule.id)
        if (!out.json) out.note(`it fires next at ${schedule.nextAt ?? 'no time: it is paused'}`)
        return undefined
      },
    ),
  )
}

function changeCommand(making: Making): Command {
  const example = 'mayfly schedules change nightly --cron "0 3 * * *" --overlap queue'
  return withPolicyFlags(define('change', 'Change when and how it fires; its task stays', example))
    .argument('<schedule>', 'its name or id')
    .action(
      action<PolicyOptions, [string]>(making, async ({ client, out }, options, which) => {
        const schedule = await client.schedules.change(await idOf(client, which), policiesOf(options))
        out.document(schedule, () => describe(schedule))
        return undefined
      }),
    )
}

function listCommand(making: Making): Command {
  return define('list', 'List schedules, oldest first', 'mayfly schedules list').action(
    action(making, async ({ client, out }) => {
      const schedules = await all(client.schedules.list())
      out.document(schedules, () =>
        table(
          ['ID', 'NAME', 'KIND', 'WHEN', 'OVERLAP', 'NEXT'],
          schedules.map((one) => [one.id, one.name, one.task.kind, whenOf(one), one.overlap, nextOf(one)]),
        ),
      )
      return undefined
    }),
  )
}

function showCommand(making: Making): Command {
  return define('show', 'Show its next times and what became of its last ones', 'mayfly schedules show nightly')
    .argument('<schedule>', 'its name or id')
    .action(
      action<object, [string]>(making, async ({ client, out }, _options, which) => {
        const schedule = await client.schedules.get(await idOf(client, which))
        out.document(schedule, () => `${describe(schedule)}\n\n${timesOf(schedule)}`)
        return undefined
      }),
    )
}

function runCommand(making: Making): Command {
  return define('run', 'Submit its task now and print the task’s id', 'mayfly schedules run nightly')
    .argument('<schedule>', 'its name or id')
    .action(
      action<object, [string]>(making, async ({ client, out }, _options, which) => {
        const task = await client.schedules.run(await idOf(client, which))
        out.document(task, () => task.id)
        return undefined
      }),
    )
}

function verbCommand(making: Making, verb: 'pause' | 'resume', summary: string): Command {
  return define(verb, summary, `mayfly schedules ${verb} nightly`)
    .argument('<schedule>', 'its name or id')
    .action(
      action<object, [string]>(making, async ({ client, out }, _options, which) => {
        const schedule = await client.schedules[verb](await idOf(client, which))
        out.document(schedule, () => `${which}: ${nextOf(schedule)}`)
        return undefined
      }),
    )
}

function deleteCommand(making: Making): Command {
  return define('delete', 'Delete it with its history; its tasks stay', 'mayfly schedules delete nightly')
    .argument('<schedule>', 'its name or id')
    .action(
      action<object, [string]>(making, async ({ client, out }, _options, which) => {
        const id = await idOf(client, which)
        await client.schedules.delete(id)
        out.document({ id, deleted: true }, () => `${which} is deleted`)
        return undefined
      }),
    )
}

/** A name is looked up; whatever looks like an id is one. */
async function idOf(client: Mayfly, which: string): Promise<string> {
  if (taskIdPattern.test(which)) return which
  for await (const { id } of client.schedules.list({ name: which })) return id
  throw new CommandError(`there is no schedule ${which}: mayfly schedules list shows those there are`, EXIT.REFUSED)
}

function describe(schedule: ContractSchedule): string {
  const { id, name, task, overlap, catchUp, jitterSeconds } = schedule
  return pairs([
    ['id', id],
    ['name', name],
    ['when', whenOf(schedule)],
    ['kind', task.kind],
    ['input', task.input],
    ['overlap', overlap],
    ['catch up', catchUp],
    ['jitter', jitterSeconds === 0 ? null : `${jitterSeconds} s`],
    ['next', nextOf(schedule)],
  ])
}

function timesOf({ nextTicks, history }: ShownSchedule): string {
  const next = nextTicks.length === 0 ? 'no time to come' : `next times\n${nextTicks.map((at) => `  ${at}`).join('\n')}`
  if (history.length === 0) return `${next}\n\nit has not fired yet`
  return `${next}\n\n${table(['TICK', 'OUTCOME', 'TASK', 'STATE', 'ABOUT'], history.map(toRow))}`
}

function toRow({ tick, outcome, task, state, ticks, code, reason }: ContractFire) {
  const counted = ticks > 1 ? `${ticks} ticks: ${reason}` : reason
  return [tick ?? 'by hand', outcome, task, state, code === null ? counted : `${code}: ${reason}`]
}

function nextOf({ paused, nextAt }: ContractSchedule): string {
  return paused ? 'paused' : (nextAt ?? 'over')
}

/** What the first users know by these names: backups, as soon as the server has a kind that makes them. */
import type { Mayfly } from '../../../client/client.ts'
import { inputCheckOf } from '../../../contract/check.ts'
import { closed, IdempotencyKey } from '../../../contract/fragments.ts'
import type { ContractKind } from '../../../contract/kinds.ts'
import { TaskRequest } from '../../../contract/request.ts'
import { Type } from '../../../contract/schema.ts'
import type { ContractTask } from '../../../contract/task.ts'
import type { Json } from '../../../task/json.ts'
import { SeenTask, toSeen } from '../seen.ts'
import { defineTool, type Tool } from '../tool.ts'
import { listLimit, SeenTasks, toListed, usualLimit } from './list.ts'
import { atEnd, Id } from './look.ts'
import { acts } from './submit.ts'

const kindName = 'org.backup'
const prefix = 'salesforce_'

/** Whether it may be one of these. */
export const isOfBackups = (name: string) => name.startsWith(prefix)

/** None where the server makes no backups. */
export function backupTools(kinds: readonly ContractKind[]): readonly Tool[] {
  const kind = kinds.find((one) => one.kind === kindName)
  return kind ? [backupOf(kind), backupStatus, backupList] : []
}

/** Its arguments are the input of the kind; what else a request may say stands beside them where the name is free. */
function backupOf(kind: ContractKind): Tool {
  const own = membersOf(kind.input)
  const takesSecrets = kind.secrets === null || Object.keys(kind.secrets).length > 0
  const beside = {
    ...(takesSecrets && { secrets: TaskRequest.properties.secrets }),
    idempotencyKey: IdempotencyKey,
  }
  const added = Object.fromEntries(Object.entries(beside).filter(([name]) => !Object.hasOwn(own, name)))
  const schema = { ...kind.input, type: 'object', properties: { ...own, ...added } }
  const submit = (args: unknown, client: Mayfly) => submitBackup(client, args as Arguments, Object.keys(added))
  return {
    name: `${prefix}backup`,
    title: 'Back up an org',
    description: `Starts a backup and answers at once with the id of its task (kind ${kindName}), which runs on by itself.`,
    input: schema,
    output: SeenTask as unknown as Tool['output'],
    hints: acts,
    check: inputCheckOf(schema, 'the arguments'),
    run: async (args, { client }) => ({ value: toSeen(await submit(args, client)) }),
    submit: (args, { client }) => submit(args, client),
  }
}

type Arguments = Readonly<Record<string, Json>>

function submitBackup(client: Mayfly, args: Arguments, added: readonly string[]): Promise<ContractTask> {
  const beside = Object.fromEntries(Object.entries(args).filter(([name]) => added.includes(name)))
  const input = Object.fromEntries(Object.entries(args).filter(([name]) => !added.includes(name)))
  const { idempotencyKey, secrets } = beside as { idempotencyKey?: string; secrets?: Record<string, string> }
  return client.submit({ kind: kindName, input, ...(secrets && { secrets }) }, { idempotencyKey })
}

function membersOf({ properties }: ContractKind['input']): Readonly<Record<string, unknown>> {
  return typeof properties === 'object' && properties !== null ? (properties as Record<string, unknown>) : {}
}

const backupStatus = defineTool({
  name: `${prefix}backup_status`,
  title: 'How backups are',
  description: 'The state and progress of a backup; without an id of those that were started last.',
  input: closed({ id: Type.Optional(Id) }),
  output: SeenTasks,
  async run({ id }, { client, signal }) {
    if (id !== undefined) return { value: { tasks: [toSeen(await client.get(id, { signal }))], nextCursor: null } }
    const { items, nextCursor } = await client.page({ kind: kindName, limit: usualLimit }, { signal })
    return { value: { tasks: items.map(toListed), nextCursor } }
  },
})

const backupList = defineTool({
  name: `${prefix}backup_list`,
  title: 'Backups that there are',
  description: 'Backups that have succeeded, newest first, with their results and files.',
  input: closed({ limit: Type.Optional(listLimit) }),
  output: SeenTasks,
  async run({ limit = usualLimit }, call) {
    const { items, nextCursor } = await call.client.page({ kind: kindName, state: 'succeeded', limit }, call)
    return { value: { tasks: await Promise.all(items.map((task) => atEnd(task, call))), nextCursor } }
  },
})

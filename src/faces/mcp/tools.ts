import type { Mayfly } from '../../client/client.ts'
import { MayflyError } from '../../client/errors.ts'
import { all } from '../../client/pages.ts'
import type { Tool } from './tool.ts'
import { backupTools, isOfBackups } from './tools/backups.ts'
import { taskCancel } from './tools/cancel.ts'
import { taskExplain } from './tools/explain.ts'
import { taskKinds } from './tools/kinds.ts'
import { taskList } from './tools/list.ts'
import { taskLogs } from './tools/logs.ts'
import { taskResult, taskStatus, taskWait } from './tools/look.ts'
import { taskSubmit } from './tools/submit.ts'

const always: readonly Tool[] = [
  taskKinds,
  taskSubmit,
  taskStatus,
  taskWait,
  taskResult,
  taskLogs,
  taskExplain,
  taskCancel,
  taskList,
]

/** A server that cannot be asked for its kinds has those of all servers: whoever calls one is told what is wrong. */
export async function toolsOf(client: Mayfly): Promise<readonly Tool[]> {
  try {
    return [...always, ...backupTools(await all(client.kinds()))]
  } catch (error) {
    if (error instanceof MayflyError) return always
    throw error
  }
}

export async function toolNamed(name: string, client: Mayfly): Promise<Tool | undefined> {
  const found = always.find((tool) => tool.name === name)
  if (found || !isOfBackups(name)) return found
  return backupTools(await all(client.kinds())).find((tool) => tool.name === name)
}

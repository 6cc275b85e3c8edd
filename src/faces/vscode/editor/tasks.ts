/** Commands about one task: that of the row that was clicked at, or one that is chosen. */
import * as vscode from 'vscode'
import type { Mayfly } from '../../../client/client.ts'
import type { Session } from '../link/session.ts'
import type { TaskInView } from '../view/model.ts'
import { contextOf } from '../view/rows.ts'
import type { Documents } from './documents.ts'
import type { Follower } from './follow.ts'
import type { Logs } from './logs.ts'

export interface Tools {
  readonly session: Session
  readonly follower: Follower
  readonly logs: Logs
  readonly documents: Documents
}

export type TaskCommand = (id: string, client: Mayfly, tools: Tools) => Promise<void>

interface Entry {
  /** Which tasks it can be done with. */
  readonly fits: readonly ReturnType<typeof contextOf>[]
  readonly placeHolder: string
  readonly does: TaskCommand
}

const any = ['running', 'queued', 'settled'] as const
const unfinished = ['running', 'queued'] as const

export const taskCommands: Readonly<Record<string, Entry>> = {
  openLog: { fits: any, placeHolder: 'Whose log to open', does: openLog },
  showTask: {
    fits: any,
    placeHolder: 'Which task to show',
    does: (id, _client, { documents }) => documents.open('task', id),
  },
  explain: {
    fits: any,
    placeHolder: 'Which task to explain',
    does: (id, _client, { documents }) => documents.open('explanation', id),
  },
  attach: { fits: unfinished, placeHolder: 'Which task to watch', does: attach },
  cancelTask: { fits: unfinished, placeHolder: 'Which task to cancel', does: cancel },
  retryTask: { fits: ['settled'], placeHolder: 'Which task to run again', does: retry },
}

async function openLog(id: string, client: Mayfly, { logs, session }: Tools): Promise<void> {
  logs.show(await client.get(id), client, (error) => session.link.complaintOf(error))
}

async function attach(id: string, client: Mayfly, { follower, session }: Tools): Promise<void> {
  const { kind } = await client.get(id)
  void follower.follow({ id, kind, url: session.link.url })
}

async function cancel(id: string, client: Mayfly): Promise<void> {
  await client.cancel(id, 'cancelled in the editor')
}

async function retry(id: string, client: Mayfly, { follower, session }: Tools): Promise<void> {
  const task = await client.retry(id)
  void follower.follow({ id: task.id, kind: task.kind, url: session.link.url, folder: follower.folderOf(id) })
}

/** Nothing when none was chosen. */
export async function chosenTask({ fits, placeHolder }: Entry, { tasks }: Session): Promise<string | undefined> {
  const fitting = tasks.all.filter((task) => fits.includes(contextOf(task))).sort((a, b) => (a.id < b.id ? 1 : -1))
  if (fitting.length === 0) throw new Error('there is no such task now')
  return (await vscode.window.showQuickPick(fitting.map(itemOf), { placeHolder, matchOnDescription: true }))?.id
}

function itemOf({ id, seen, state, pool }: TaskInView) {
  return { id, label: seen.name, description: `${state} · ${pool}`, detail: id }
}

import * as vscode from 'vscode'
import type { Mayfly } from '../../../client/client.ts'
import { connect, signOut } from './connect.ts'
import { kindOf } from './menus.ts'
import { offerToConnect } from './reconnect.ts'
import { runOnFolder, runTask } from './run.ts'
import { chosenTask, type Tools, taskCommands } from './tasks.ts'

/** All commands of the manifest. Returns what takes them away. */
export function registerCommands(tools: Tools, secrets: vscode.SecretStorage): vscode.Disposable {
  const { session, follower } = tools
  const client = () => clientOf(tools)
  const onFolder =
    (name: string, defaults = {}) =>
    (clicked?: unknown) =>
      runOnFolder(name, session, follower, client(), {
        clicked: clicked instanceof vscode.Uri ? clicked : undefined,
        defaults,
      })
  const commands: Record<string, (argument?: unknown) => Promise<void> | void> = {
    connect: () => connect(session, secrets),
    signOut: () => signOut(session, secrets),
    reconnect: () => session.link.again(),
    refresh: () => session.link.again(),
    showStatus: () => showStatus(tools),
    runTask: () => runTask(session, follower, client()),
    // What is found is shown as problems: that is no failure of the task.
    lintWorkspace: onFolder(kindOf.lintWorkspace, { failOn: 'never' }),
    validateDeployment: onFolder(kindOf.validateDeployment),
    runApexTests: onFolder(kindOf.runApexTests),
    ...Object.fromEntries(Object.keys(taskCommands).map((name) => [name, (row) => onTask(name, row, tools)])),
  }
  const registered = Object.entries(commands).map(([name, does]) =>
    vscode.commands.registerCommand(`mayfly.${name}`, (argument) => guarded(() => does(argument), tools)),
  )
  return vscode.Disposable.from(...registered)
}

async function onTask(name: string, row: unknown, tools: Tools): Promise<void> {
  const entry = taskCommands[name]
  if (!entry) return
  const client = clientOf(tools)
  const id = idOf(row) ?? (await chosenTask(entry, tools.session))
  if (id !== undefined) await entry.does(id, client, tools)
}

function idOf(row: unknown): string | undefined {
  return typeof row === 'object' && row !== null && 'id' in row && typeof row.id === 'string' ? row.id : undefined
}

/** What can be done, to be chosen from: for those who click at the counts. */
async function showStatus(tools: Tools): Promise<void> {
  const { running, queued } = tools.session.tasks.counts
  const entries = {
    [`$(list-tree) Show the tasks: ${running} running, ${queued} queued`]: 'mayfly.tasks.focus',
    '$(play) Run a task…': 'mayfly.runTask',
    '$(eye) Watch a task…': 'mayfly.attach',
    '$(output) Open a log…': 'mayfly.openLog',
    '$(circle-slash) Cancel a task…': 'mayfly.cancelTask',
    '$(plug) Connect to another server…': 'mayfly.connect',
  }
  const choice = await vscode.window.showQuickPick(Object.keys(entries), { placeHolder: 'Mayfly' })
  const command = choice && entries[choice]
  if (command) await vscode.commands.executeCommand(command)
}

class NotConnected extends Error {}

/** Throws where there is no server to ask. */
function clientOf({ session }: Tools): Mayfly {
  const { client } = session.link
  if (!client) throw new NotConnected()
  return client
}

/** Whatever goes wrong is told in one sentence. */
async function guarded(does: () => Promise<void> | void, { session }: Tools): Promise<void> {
  try {
    await does()
  } catch (error) {
    if (error instanceof NotConnected) await offerToConnect('Mayfly is not connected to a server.')
    else void vscode.window.showErrorMessage(`Mayfly: ${session.link.complaintOf(error)}`)
  }
}

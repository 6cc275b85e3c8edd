import * as vscode from 'vscode'
import type { SocketClass } from '../../client/client.ts'
import { registerCommands } from './editor/commands.ts'
import { Documents } from './editor/documents.ts'
import { Follower } from './editor/follow.ts'
import { Logs } from './editor/logs.ts'
import { steerMenus } from './editor/menus.ts'
import { Problems } from './editor/problems.ts'
import { reconnect, tellRefusals } from './editor/reconnect.ts'
import { concernsServer } from './editor/settings.ts'
import { StartedTasks } from './editor/started.ts'
import { showStatus } from './editor/status-bar.ts'
import { showTasks } from './editor/tree.ts'
import { Session } from './link/session.ts'

/** What differs between the hosts of extensions. */
export interface Host {
  readonly Socket?: SocketClass
  /** Of the page, in a browser. */
  readonly origin?: string | undefined
}

/** Builds everything, and connects where address and token are known. Whatever ends with the editor, no task does. */
export async function start(
  { subscriptions, secrets, workspaceState }: vscode.ExtensionContext,
  host: Host,
): Promise<void> {
  const session = new Session(host)
  const problems = new Problems()
  const logs = new Logs()
  const follower = new Follower(session, new StartedTasks(workspaceState), problems)
  const documents = new Documents(session)
  subscriptions.push(
    new vscode.Disposable(() => session.end()),
    problems,
    logs,
    documents,
    showTasks(session),
    tellRefusals(session),
    steerMenus(session),
    showStatus(session),
    new vscode.Disposable(followWhenLive(session, follower)),
    registerCommands({ session, follower, logs, documents }, secrets),
    vscode.workspace.onDidChangeConfiguration((change) => concernsServer(change) && reconnect(session, secrets, true)),
    // Another window may have been given another token.
    secrets.onDidChange(() => reconnect(session, secrets)),
  )
  await reconnect(session, secrets)
}

/** With each connection: what this workspace had started is followed again. */
function followWhenLive(session: Session, follower: Follower): () => void {
  let wasLive = false
  return session.onChange(() => {
    const { state } = session.link
    if (state.is === 'live' && !wasLive) follower.again(state.url)
    wasLive = state.is === 'live'
  })
}

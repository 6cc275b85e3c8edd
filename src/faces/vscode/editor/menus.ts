import * as vscode from 'vscode'
import type { Session } from '../link/session.ts'

/** Commands that are offered only where the server can do what they ask for. */
export const kindOf = {
  lintWorkspace: 'lint',
  validateDeployment: 'deploy.validate',
  runApexTests: 'apex.test',
} as const

/** Keeps what menus and welcomes go by in step with the session. Returns what ends that. */
export function steerMenus(session: Session): vscode.Disposable {
  const said = new Map<string, unknown>()
  const say = (key: string, value: unknown) => {
    if (said.get(key) === value) return
    said.set(key, value)
    void vscode.commands.executeCommand('setContext', key, value)
  }
  const steer = () => {
    say('mayfly.state', session.link.state.is)
    for (const kind of Object.values(kindOf)) say(`mayfly.can.${kind}`, session.kind(kind) !== undefined)
  }
  steer()
  return new vscode.Disposable(session.onChange(steer))
}

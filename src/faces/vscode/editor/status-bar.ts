import * as vscode from 'vscode'
import type { Session } from '../link/session.ts'
import { statusOf } from '../view/status.ts'

/** Shows how the link is and how much there is to do. Returns what takes it away. */
export function showStatus(session: Session): vscode.Disposable {
  const item = vscode.window.createStatusBarItem('mayfly.status', vscode.StatusBarAlignment.Left, 10)
  item.name = 'Mayfly'
  let drawn = ''
  const draw = () => {
    const status = statusOf(session.link.state, session.tasks.counts)
    const { text, tooltip, command, background } = status
    // Each change goes to another process.
    if (JSON.stringify(status) === drawn) return
    drawn = JSON.stringify(status)
    item.text = text
    item.tooltip = tooltip
    item.command = command
    item.backgroundColor = background && new vscode.ThemeColor(`statusBarItem.${background}Background`)
  }
  draw()
  item.show()
  const forget = session.onChange(draw)
  return new vscode.Disposable(() => {
    forget()
    item.dispose()
  })
}

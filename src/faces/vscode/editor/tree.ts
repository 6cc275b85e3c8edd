import * as vscode from 'vscode'
import type { Session } from '../link/session.ts'
import { type Row, rowsOf } from '../view/rows.ts'

/** A click at a row that is drawn anew meanwhile is lost. */
const drawMs = 500

/** Shows the tasks, and above them what is wrong with the link, if something is. Returns what takes it away. */
export function showTasks(session: Session): vscode.Disposable {
  const tree = new TasksTree(session)
  const view = vscode.window.createTreeView('mayfly.tasks', { treeDataProvider: tree, showCollapseAll: false })
  const forget = session.onChange(() => {
    const { state } = session.link
    const message = state.is === 'offline' || state.is === 'refused' ? state.sentence : ''
    if (view.message !== message) view.message = message
  })
  return vscode.Disposable.from(new vscode.Disposable(forget), view, tree)
}

/** The tasks view: drawn twice a second at most, however much happens. */
class TasksTree implements vscode.TreeDataProvider<Row>, vscode.Disposable {
  readonly #session: Session
  readonly #changed = new vscode.EventEmitter<undefined>()
  readonly #forget: () => void
  #timer: ReturnType<typeof setTimeout> | undefined

  readonly onDidChangeTreeData = this.#changed.event

  constructor(session: Session) {
    this.#session = session
    this.#forget = session.onChange(() => this.redraw())
  }

  redraw(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined
      this.#changed.fire(undefined)
    }, drawMs)
  }

  getChildren(row?: Row): Row[] {
    if (row) return [...row.children]
    const { link, tasks } = this.#session
    // Without rows the view says what to do instead.
    const isEmpty = link.state.is === 'unset' || (tasks.all.length === 0 && link.state.is !== 'live')
    return isEmpty ? [] : [...rowsOf(tasks.all, Date.now())]
  }

  getTreeItem({ id, label, description, tooltip, icon, color, context }: Row): vscode.TreeItem {
    const { Expanded, None } = vscode.TreeItemCollapsibleState
    const item = new vscode.TreeItem(label, context === 'pool' ? Expanded : None)
    item.id = id
    item.description = description
    item.tooltip = tooltip
    item.contextValue = context
    item.iconPath = new vscode.ThemeIcon(icon, color === undefined ? undefined : new vscode.ThemeColor(color))
    if (context !== 'pool' && context !== 'more') {
      item.command = { command: 'mayfly.openLog', title: 'Open Log', arguments: [{ id }] }
    }
    return item
  }

  dispose(): void {
    clearTimeout(this.#timer)
    this.#forget()
    this.#changed.dispose()
  }
}

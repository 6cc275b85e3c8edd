import * as vscode from 'vscode'
import { explained } from '../../cli/show/explained.ts'
import { shortId } from '../../cli/words.ts'
import type { Session } from '../link/session.ts'

const scheme = 'mayfly'

type Shown = 'task' | 'explanation'

/** What a server says of a task, as documents to read. */
export class Documents implements vscode.TextDocumentContentProvider, vscode.Disposable {
  readonly #session: Session
  readonly #changed = new vscode.EventEmitter<vscode.Uri>()
  readonly #registration: vscode.Disposable

  readonly onDidChange = this.#changed.event

  constructor(session: Session) {
    this.#session = session
    this.#registration = vscode.workspace.registerTextDocumentContentProvider(scheme, this)
  }

  async open(shown: Shown, id: string): Promise<void> {
    const uri = vscode.Uri.from({
      scheme,
      path: `/${shown} ${shortId(id)}.${shown === 'task' ? 'json' : 'txt'}`,
      query: `${shown} ${id}`,
    })
    // It may be open already, and be out of date.
    this.#changed.fire(uri)
    await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(uri), { preview: true })
  }

  async provideTextDocumentContent({ query }: vscode.Uri): Promise<string> {
    try {
      return `${await this.#textOf(query)}\n`
    } catch (error) {
      return `${this.#session.link.complaintOf(error)}\n`
    }
  }

  async #textOf(query: string): Promise<string> {
    const [shown, id = ''] = query.split(' ')
    const { client } = this.#session.link
    if (!client) return 'Mayfly is not connected to a server: connect, and open this again.'
    return shown === 'task' ? JSON.stringify(await client.get(id), null, 2) : explained(await client.explain(id))
  }

  dispose(): void {
    this.#registration.dispose()
    this.#changed.dispose()
  }
}

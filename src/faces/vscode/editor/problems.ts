import * as vscode from 'vscode'
import type { Mayfly } from '../../../client/client.ts'
import { type Finding, findingsIn, isTruncated } from '../../../client/findings.ts'
import type { ContractTask } from '../../../contract/task.ts'
import { type Found, found } from '../view/findings.ts'

/** What tasks have found in the folders of the workspace. */
export class Problems implements vscode.Disposable {
  readonly #byKind = new Map<string, vscode.DiagnosticCollection>()

  /** What a task found takes the place of what its kind found in the same folder before. Nothing where it looked for nothing. */
  async show(task: ContractTask, folder: vscode.Uri, client: Mayfly): Promise<Found | undefined> {
    const items = await itemsOf(task, client)
    if (!items) return undefined
    const result = found(items)
    const collection = this.#of(task.kind)
    for (const [uri] of [...collection]) if (isWithin(uri, folder)) collection.delete(uri)
    for (const [file, findings] of result.byFile) {
      collection.set(
        vscode.Uri.joinPath(folder, file),
        findings.map((finding) => diagnosticOf(finding, task.kind)),
      )
    }
    return result
  }

  dispose(): void {
    for (const collection of this.#byKind.values()) collection.dispose()
  }

  #of(kind: string): vscode.DiagnosticCollection {
    const collection = this.#byKind.get(kind) ?? vscode.languages.createDiagnosticCollection(`mayfly ${kind}`)
    this.#byKind.set(kind, collection)
    return collection
  }
}

const mostBytes = 32 * 1024 * 1024

/** All of them, also where the result has only the first, and where they made the task fail. */
async function itemsOf({ id, kind, result }: ContractTask, client: Mayfly): Promise<readonly unknown[] | undefined> {
  const shown = findingsIn(result)
  if (shown && !isTruncated(result)) return shown
  try {
    const name = `${kind}.json`
    const artifact = (await client.artifacts.list(id)).find((one) => one.name === name)
    if (!artifact || artifact.bytes > mostBytes) return shown
    const all: unknown = await new Response(await client.artifacts.get(id, name)).json()
    return Array.isArray(all) ? all : shown
  } catch {
    // What the result has is better than nothing.
    return shown
  }
}

function diagnosticOf({ line, column, rule, severity, message }: Finding, kind: string): vscode.Diagnostic {
  const at = new vscode.Position(line - 1, column - 1)
  const { Error: error, Warning: warning } = vscode.DiagnosticSeverity
  // The editor takes an empty range for the word that is there.
  const diagnostic = new vscode.Diagnostic(new vscode.Range(at, at), message, severity === 'error' ? error : warning)
  diagnostic.source = `mayfly ${kind}`
  if (rule !== '') diagnostic.code = rule
  return diagnostic
}

function isWithin(uri: vscode.Uri, folder: vscode.Uri): boolean {
  const root = folder.path.endsWith('/') ? folder.path : `${folder.path}/`
  return uri.scheme === folder.scheme && uri.authority === folder.authority && uri.path.startsWith(root)
}

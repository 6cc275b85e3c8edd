import * as vscode from 'vscode'
import type { Mayfly } from '../../../client/client.ts'
import { pack } from '../pack/pack.ts'
import { Rules } from '../pack/rules.ts'
import { chosenFolder, folderAt } from './folder.ts'
import { excludedIn } from './settings.ts'

const tellEveryMs = 100

/** Packs a folder and sends it. The id that it has there; nothing when that was given up. */
export async function sendFolder(folder: vscode.Uri, client: Mayfly): Promise<string | undefined> {
  await vscode.workspace.saveAll(false)
  const stop = new AbortController()
  const options = { location: vscode.ProgressLocation.Notification, title: 'Mayfly: packing', cancellable: true }
  try {
    return await vscode.window.withProgress(options, async (progress, token) => {
      token.onCancellationRequested(() => stop.abort(new GivenUp()))
      const rules = Rules.of(excludedIn(folder))
      const { archive, files } = await pack(folderAt(folder), rules, { signal: stop.signal, onFile: stepsTo(progress) })
      progress.report({ message: `sending ${files} files` })
      return (await client.uploads.add(archive, { signal: stop.signal })).id
    })
  } catch (error) {
    if (error instanceof GivenUp) return undefined
    throw error
  }
}

/** A folder of the workspace, or a file such as an archive: whichever is chosen. */
export async function sendChosen(client: Mayfly): Promise<string | undefined> {
  const [workspace, file] = ['The workspace', 'A file…']
  const items = vscode.workspace.workspaceFolders ? [workspace, file] : [file]
  const choice = items.length === 1 ? file : await vscode.window.showQuickPick(items, { placeHolder: 'What to send' })
  if (choice === workspace) {
    const folder = await chosenFolder()
    return folder && sendFolder(folder, client)
  }
  const [uri] = (choice && (await vscode.window.showOpenDialog({ openLabel: 'Send' }))) || []
  if (!uri) return undefined
  const bytes = (await vscode.workspace.fs.readFile(uri)) as Uint8Array<ArrayBuffer>
  return (await client.uploads.add(bytes)).id
}

class GivenUp extends Error {}

/** A few times a second at most. */
function stepsTo(progress: vscode.Progress<{ message: string; increment: number }>) {
  let toldAt = 0
  let told = 0
  return (done: number, total: number) => {
    if (Date.now() - toldAt < tellEveryMs && done < total) return
    toldAt = Date.now()
    progress.report({ message: `${done} of ${total} files`, increment: (100 * (done - told)) / total })
    told = done
  }
}

import * as vscode from 'vscode'
import type { Folder } from '../pack/walk.ts'

/** A folder of the workspace, wherever that lies. */
export function folderAt(root: vscode.Uri): Folder {
  const at = (path: string) => (path === '' ? root : vscode.Uri.joinPath(root, path))
  return {
    async list(path) {
      const entries = await vscode.workspace.fs.readDirectory(at(path))
      return entries.map(([name, type]) => ({ name, is: sortOf(type) }))
    },
    read: async (path) => (await vscode.workspace.fs.readFile(at(path))) as Uint8Array<ArrayBuffer>,
  }
}

function sortOf(type: vscode.FileType): 'file' | 'folder' | 'other' {
  if (type === vscode.FileType.File) return 'file'
  return type === vscode.FileType.Directory ? 'folder' : 'other'
}

/** The folder that is meant: the only one, that of what was clicked at, or one that is chosen. */
export async function chosenFolder(clicked?: vscode.Uri): Promise<vscode.Uri | undefined> {
  const { workspaceFolders = [] } = vscode.workspace
  const [first] = workspaceFolders
  if (!first) throw new Error('there is no folder open: open the one that is meant')
  if (clicked) return vscode.workspace.getWorkspaceFolder(clicked)?.uri ?? first.uri
  if (workspaceFolders.length === 1) return first.uri
  return (await vscode.window.showWorkspaceFolderPick({ placeHolder: 'The folder to send' }))?.uri
}

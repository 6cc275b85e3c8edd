import type * as vscode from 'vscode'
import { WebSocket } from 'ws'
import type { SocketClass } from '../../client/client.ts'
import { start } from './extension.ts'

/**
 * On the desktop: older editors have no WebSocket, and theirs knows neither the proxy nor the certificates of the
 * system. This one goes through the editor's own `http` and `https`, which know both.
 */
export function activate(context: vscode.ExtensionContext): Promise<void> {
  return start(context, { Socket: WebSocket as unknown as SocketClass })
}

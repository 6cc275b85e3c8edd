import type * as vscode from 'vscode'
import { start } from './extension.ts'

/** In the worker of a browser: the page has an origin, which the server has to let ask. */
export function activate(context: vscode.ExtensionContext): Promise<void> {
  const { origin } = globalThis as { readonly origin?: string }
  return start(context, { origin })
}

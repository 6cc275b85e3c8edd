import * as vscode from 'vscode'
import { addressOf } from '../link/server.ts'
import type { Session } from '../link/session.ts'
import { serverSet, urlSet } from './settings.ts'

/** Goes to the server that the settings name. Whoever has just changed them is told what is missing. Never throws. */
export async function reconnect(session: Session, secrets: vscode.SecretStorage, isChanged = false): Promise<void> {
  try {
    const server = await serverSet(secrets)
    session.to(server)
    const complaint = complaintOf(urlSet(), server !== undefined, isChanged)
    if (complaint !== undefined) await offerToConnect(complaint)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    void vscode.window.showErrorMessage(
      `Mayfly: the secret storage cannot be read (${reason}): mend it, or connect anew.`,
    )
  }
}

/** Nobody is asked for a token who has not just named a server. */
function complaintOf(url: string, hasToken: boolean, isChanged: boolean): string | undefined {
  if (url === '' || hasToken) return undefined
  const address = addressOf(url)
  if ('complaint' in address) return `Mayfly: the setting “mayfly.url” cannot be used: ${address.complaint}.`
  return isChanged ? `Mayfly has no token for ${address.url}.` : undefined
}

/** Says once that a server refuses, however often it is asked. Returns what ends that. */
export function tellRefusals(session: Session): vscode.Disposable {
  let was = session.link.state.is
  return new vscode.Disposable(
    session.onChange(() => {
      const { state } = session.link
      if (state.is === 'refused' && was !== 'refused') void offerToConnect(state.sentence)
      was = state.is
    }),
  )
}

export async function offerToConnect(complaint: string): Promise<void> {
  const connect = 'Connect'
  if ((await vscode.window.showWarningMessage(complaint, connect)) === connect) {
    await vscode.commands.executeCommand('mayfly.connect')
  }
}

import * as vscode from 'vscode'
import { all } from '../../../client/pages.ts'
import { addressOf, complaintOfToken, type Server, tokenKeyOf } from '../link/server.ts'
import type { Session } from '../link/session.ts'
import { serverSet, setUrl, urlSet } from './settings.ts'

const tryMs = 15_000
const usualUrl = 'http://127.0.0.1:7070'

/** Asks for an address and a token, tries them, and keeps them only when they work. */
export async function connect(session: Session, secrets: vscode.SecretStorage): Promise<void> {
  const url = await askForUrl(urlSet() || usualUrl)
  if (url === undefined) return
  for (;;) {
    const token = await askForToken(url, (await secrets.get(tokenKeyOf(url))) !== undefined)
    if (token === undefined) return
    const server = { url, token: token === '' ? ((await secrets.get(tokenKeyOf(url))) ?? '') : token }
    const complaint = await tried(session, server)
    if (complaint === undefined) {
      await secrets.store(tokenKeyOf(url), server.token)
      await setUrl(url)
      session.to(await serverSet(secrets))
      return
    }
    const again = 'Try Again'
    if ((await vscode.window.showErrorMessage(complaint, again, 'Other Address')) === again) continue
    return
  }
}

/** Forgets the token. The tasks go on. */
export async function signOut(session: Session, secrets: vscode.SecretStorage): Promise<void> {
  const address = addressOf(urlSet())
  if ('url' in address) await secrets.delete(tokenKeyOf(address.url))
  session.to(undefined)
  void vscode.window.showInformationMessage('Mayfly: signed out. Its tasks go on.')
}

async function askForUrl(value: string): Promise<string | undefined> {
  const text = await vscode.window.showInputBox({
    title: 'Mayfly: where is the server?',
    prompt: `The address of the server, such as ${usualUrl}`,
    value,
    ignoreFocusOut: true,
    validateInput(written) {
      const address = addressOf(written)
      return 'complaint' in address ? address.complaint : undefined
    },
  })
  const address = text === undefined ? undefined : addressOf(text)
  return address && 'url' in address ? address.url : undefined
}

/** Empty when the one that is kept will do. */
function askForToken(url: string, hasOne: boolean): Thenable<string | undefined> {
  const kept = hasOne ? ' Leave it empty to use the one that is kept.' : ''
  return vscode.window
    .showInputBox({
      title: `Mayfly: a token for ${url}`,
      prompt: `It goes into the editor’s secret storage, and to this address alone.${kept}`,
      placeHolder: 'mayfly tokens create --tenant NAME; on the machine of the server also .mayfly/admin-token',
      password: true,
      ignoreFocusOut: true,
      validateInput: (written) => (hasOne && written.trim() === '' ? undefined : complaintOfToken(written)),
    })
    .then((text) => text?.trim())
}

/** What is wrong with a server; nothing when it answers. */
async function tried(session: Session, server: Server): Promise<string | undefined> {
  try {
    await all(session.link.clientOf(server, tryMs).kinds())
    return undefined
  } catch (error) {
    return session.link.sentenceOf(error, server.url)
  }
}

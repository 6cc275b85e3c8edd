import * as vscode from 'vscode'
import { isObject } from '../input/questions.ts'
import { addressOf, type Server, tokenKeyOf } from '../link/server.ts'

const section = 'mayfly'

/** Whether a change of the editor's settings concerns the server. */
export function concernsServer(change: vscode.ConfigurationChangeEvent): boolean {
  return change.affectsConfiguration(`${section}.url`) || change.affectsConfiguration(`${section}.tenant`)
}

/** The address as it is set, with or without a token for it. */
export function urlSet(): string {
  return text('url')
}

/** The server that the settings name, if there is a token for it. */
export async function serverSet(secrets: vscode.SecretStorage): Promise<Server | undefined> {
  const address = addressOf(text('url'))
  if ('complaint' in address) return undefined
  const token = await secrets.get(tokenKeyOf(address.url))
  const tenant = text('tenant')
  return token === undefined ? undefined : { url: address.url, token, tenant: tenant === '' ? undefined : tenant }
}

/** For the workspace if it says something of its own, else for all of them. */
export async function setUrl(url: string): Promise<void> {
  const settings = vscode.workspace.getConfiguration(section)
  const isOfWorkspace = settings.inspect('url')?.workspaceValue !== undefined
  const { Global, Workspace } = vscode.ConfigurationTarget
  await settings.update('url', url, isOfWorkspace ? Workspace : Global)
}

/** What the tasks of a kind are always given. */
export function inputSet(kind: string, folder: vscode.Uri | undefined): Readonly<Record<string, unknown>> {
  const inputs: unknown = vscode.workspace.getConfiguration(section, folder).get('inputs')
  const input = isObject(inputs) ? inputs[kind] : undefined
  return isObject(input) ? input : {}
}

/** What of a folder is never sent, in the language of .gitignore. */
export function excludedIn(folder: vscode.Uri): readonly string[] {
  const patterns: unknown = vscode.workspace.getConfiguration(section, folder).get('exclude')
  return Array.isArray(patterns) ? patterns.filter((pattern) => typeof pattern === 'string') : []
}

function text(name: string): string {
  const value: unknown = vscode.workspace.getConfiguration(section).get(name)
  return typeof value === 'string' ? value.trim() : ''
}

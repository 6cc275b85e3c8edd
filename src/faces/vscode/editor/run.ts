import * as vscode from 'vscode'
import type { Mayfly } from '../../../client/client.ts'
import { all } from '../../../client/pages.ts'
import type { ContractKind } from '../../../contract/kinds.ts'
import type { TaskRequest } from '../../../contract/request.ts'
import { isObject, uploadOf } from '../input/questions.ts'
import type { Session } from '../link/session.ts'
import { askForInput, askForSecrets, type Input, type Send } from './ask.ts'
import { chosenFolder } from './folder.ts'
import type { Follower } from './follow.ts'
import { sendChosen, sendFolder } from './send.ts'
import { inputSet } from './settings.ts'

/** A kind that is chosen, and whatever it asks for. */
export async function runTask(session: Session, follower: Follower, client: Mayfly): Promise<void> {
  const items = session.kinds.map((offered) => {
    return { label: offered.kind, description: offered.title ?? '', detail: `pool ${offered.pool}`, offered }
  })
  if (items.length === 0) throw new Error('this server has said nothing of its kinds yet: try again in a moment')
  const chosen = await vscode.window.showQuickPick(items, {
    title: 'Mayfly: run a task',
    placeHolder: 'What to run',
    matchOnDescription: true,
  })
  if (!chosen) return
  const given = inputSet(chosen.offered.kind, undefined)
  await start({ kind: chosen.offered, given, session, follower, client })
}

/** A kind that works on the files of a folder: they are packed and sent, and the rest is asked for. */
export async function runOnFolder(
  name: string,
  session: Session,
  follower: Follower,
  client: Mayfly,
  { clicked, defaults = {} }: { readonly clicked?: vscode.Uri | undefined; readonly defaults?: Input } = {},
): Promise<void> {
  const kind = session.kind(name)
  if (!kind) throw new Error(`this server has no kind ${name}: ask whoever runs it to add that, and connect again`)
  const folder = await chosenFolder(clicked)
  if (!folder) return
  const given = { ...defaults, ...inputSet(name, folder) }
  const member = uploadOf(kind.input)
  const isSent = member !== undefined && !Object.hasOwn(given, member)
  const send = isSent ? { member, files: () => sendFolder(folder, client) } : undefined
  await start({ kind, given, folder, send, session, follower, client })
}

interface Start {
  readonly kind: ContractKind
  readonly given: Input
  readonly folder?: vscode.Uri
  /** What is sent once everything else is known, and where in the input it goes. */
  readonly send?: { readonly member: string; readonly files: Send } | undefined
  readonly session: Session
  readonly follower: Follower
  readonly client: Mayfly
}

async function start({ kind, given, folder, send, session, follower, client }: Start): Promise<void> {
  const known = send ? { ...given, [send.member]: '' } : given
  // Of a folder everybody knows what to do with it: what else could be said, the settings say.
  const input = await askForInput(kind, known, { send: () => sendChosen(client), asksForMore: folder === undefined })
  if (input === undefined) return
  const names = async () => (await all(client.secrets.list())).map(({ name }) => name)
  const secrets = await askForSecrets(kind, names)
  const upload = secrets && send ? await send.files() : ''
  if (!secrets || upload === undefined) return
  const whole = send && isObject(input) ? { ...input, [send.member]: upload } : input
  const request = { kind: kind.kind, input: whole, labels: { client: 'vscode' } } as TaskRequest
  const { id } = await client.submit(Object.keys(secrets).length === 0 ? request : { ...request, secrets })
  void follower.follow({ id, url: session.link.url, kind: kind.kind, folder: folder?.toString() })
}

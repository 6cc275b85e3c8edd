/** A server of our own for one command: started where none answers, ended with the command. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { MayflyError } from '../../client/errors.ts'
import { CommandError, EXIT } from './exit.ts'
import type { Session } from './session.ts'

const askAgainMs = 200

export interface Embedded {
  stop(): Promise<void>
}

/** Makes sure that the session's client has a server, and resolves with the one that was started for it, if any. */
export async function ensureServer(session: Session): Promise<Embedded | undefined> {
  const { settings, out, io } = session
  if (await answers(session)) return undefined
  const data = settings.data.value
  out.note(`no server answers at ${settings.url.value}: one is started for this command, with its data in ${data}`)
  const [node, module] = io.program
  const child = spawn(node, [module, 'serve-embedded', '--port', '0', '--data', data], {
    env: { ...io.env },
    // A group of its own: Ctrl-C at the terminal is for us, who then decide.
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  session.useClient(await listening(child), await tokenIn(data))
  return { stop: () => stopServer(child) }
}

/** A server that was named must answer; the one that may be there may also not be. */
async function answers(session: Session): Promise<boolean> {
  const { isNamed, url, token } = session.settings
  try {
    await session.clientAt(url.value, token?.value ?? '').health()
    return true
  } catch (error) {
    if (isNamed || !(error instanceof MayflyError) || error.code !== 'UNREACHABLE') throw error
    return false
  }
}

/** Its address, as it says it; what it says instead when it cannot start. */
export async function listening({ stdout, stderr }: ChildProcess): Promise<string> {
  let complaint = ''
  stderr?.on('data', (chunk: Buffer) => {
    complaint = (complaint + chunk.toString()).slice(-2_000)
  })
  for await (const line of createInterface({ input: stdout as NodeJS.ReadableStream })) {
    const url = urlIn(line)
    if (url === undefined) continue
    stdout?.resume()
    return url
  }
  throw new CommandError(complaint.trim().replace(/^mayfly: /, '') || 'the server ended at once', EXIT.UNREACHABLE)
}

function urlIn(line: string): string | undefined {
  try {
    return JSON.parse(line).url
  } catch {
    return undefined
  }
}

async function tokenIn(data: string): Promise<string> {
  return (await readFile(join(data, 'admin-token'), 'utf8')).trim()
}

/** What still runs is handed back at once: it goes on with the next server. */
export async function stopServer(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill('SIGTERM')
  const again = setInterval(() => child.kill('SIGTERM'), askAgainMs)
  await exited
  clearInterval(again)
}

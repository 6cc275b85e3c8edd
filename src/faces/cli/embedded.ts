/** A server of our own for one command: started where none answers, ended with the command. */
import { MayflyError } from '../../client/errors.ts'
import { NotStarted, ServerProcess } from '../server-process.ts'
import { CommandError, EXIT } from './exit.ts'
import type { Session } from './session.ts'

/** Makes sure that the session's client has a server, and resolves with the one that was started for it, if any. */
export async function ensureServer(session: Session): Promise<ServerProcess | undefined> {
  const { settings, out, io } = session
  if (await answers(session)) return undefined
  const data = settings.data.value
  out.note(`no server answers at ${settings.url.value}: one is started for this command, with its data in ${data}`)
  try {
    const server = await ServerProcess.start({ program: io.program, data, flags: ['--standby', '0'], env: io.env })
    session.useClient(server.url, server.token)
    return server
  } catch (error) {
    if (!(error instanceof NotStarted)) throw error
    throw new CommandError(error.message, EXIT.UNREACHABLE, { cause: error })
  }
}

/** A server that was named must answer; the one that may be there may also not be. */
async function answers(session: Session): Promise<boolean> {
  const { isNamed, url } = session.settings
  try {
    await session.clientAt(url.value).health()
    return true
  } catch (error) {
    if (isNamed || !(error instanceof MayflyError) || error.code !== 'UNREACHABLE') throw error
    return false
  }
}

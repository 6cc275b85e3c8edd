import type { Session } from './session.ts'
import type { Transport } from './transport.ts'

/** Tried with; an org that has newer ones has this one too. */
const newestKnown = 65
/** Asked for where an org tells of none. */
const oldestUsed = 60

/** The newest that both the org and this know. */
export async function newestVersion(
  transport: Transport,
  { instanceUrl }: Pick<Session, 'instanceUrl'>,
): Promise<string> {
  const step = 'asking which versions of the API it has'
  const told = await transport.json<unknown>({ method: 'GET', url: `${instanceUrl}/services/data`, step })
  const versions = (Array.isArray(told) ? told : []).map(({ version }: { version: string }) => Number(version))
  return Math.max(oldestUsed, ...versions.filter((version) => version <= newestKnown)).toFixed(1)
}

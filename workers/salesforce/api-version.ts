import type { Session } from './session.ts'
import type { Transport } from './transport.ts'

/** Tried with; an org that has newer ones has this one too. */
const newestKnown = 65

/** The newest that both the org and this know. */
export async function newestVersion(
  transport: Transport,
  { instanceUrl }: Pick<Session, 'instanceUrl'>,
): Promise<string> {
  const step = 'asking which versions of the API it has'
  const { body } = await transport.send({ method: 'GET', url: `${instanceUrl}/services/data`, step })
  const versions = (JSON.parse(body) as { version: string }[]).map(({ version }) => Number(version))
  return Math.max(...versions.filter((version) => version <= newestKnown)).toFixed(1)
}

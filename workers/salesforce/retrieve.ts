/** Metadata out of an org: a zip, once the org has packed it. Nothing stops a retrieve, and nobody is harmed by one. */
import type { Org } from './org.ts'
import { PACES } from './poll.ts'
import type { RemoteJob } from './remote-job.ts'

export interface RetrieveStatus {
  readonly done: boolean
  readonly status: string
  readonly success: boolean
  /** Base64. */
  readonly zipFile: string
  readonly errorMessage?: string | null
  readonly errorStatusCode?: string | null
  readonly fileProperties?: readonly unknown[] | null
  /** What could not be retrieved, and why. */
  readonly messages?: readonly { readonly fileName: string; readonly problem: string }[] | null
}

/** Asking twice does no harm: what got no answer is asked for again. `types` as in package.xml. */
export function retrieveJob(
  org: Org,
  types: readonly { readonly name: string; readonly members: readonly string[] }[],
  name: string,
): RemoteJob<RetrieveStatus> {
  return {
    name,
    pace: PACES.retrieve,
    async submit() {
      const metadata = await org.metadata()
      const unpackaged = { types, version: org.apiVersion }
      const { id } = await metadata.retrieve({ apiVersion: org.apiVersion, singlePackage: true, unpackaged } as never)
      return id
    },
    find: async () => null,
    look: async (id) => (await (await org.metadata()).checkRetrieveStatus(id)) as unknown as RetrieveStatus,
    isOver: ({ done }) => done,
    stateOf: ({ status }) => status,
  }
}

/** Less at once may go. */
export function isTooBig({ errorStatusCode, errorMessage, status }: RetrieveStatus): boolean {
  const message = errorMessage ?? status
  return (
    /LIMIT_EXCEEDED|OPERATION_TOO_LARGE/.test(`${errorStatusCode ?? ''} ${message}`) ||
    /too (?:many|large)|exceed/i.test(message)
  )
}

/** Deployments of an org: by SOAP as Salesforce's own tools do it, or by REST where SOAP cannot be used. */
import { SalesforceError } from '../salesforce/errors.ts'
import type { Org } from '../salesforce/org.ts'
import type { DeployStatus } from './result.ts'

export interface DeployOptions {
  readonly checkOnly: boolean
  readonly ignoreWarnings: boolean
  readonly purgeOnDelete: boolean
  readonly rollbackOnError: boolean
  readonly runTests?: readonly string[]
  readonly testLevel?: string
}

/** What an org says of a deployment, ours or somebody else's. */
export interface DeployRequest {
  readonly Id: string
  readonly Status: string
  readonly CheckOnly: boolean
  readonly CreatedDate: string
  readonly CreatedById: string
}

const fields = 'Id, Status, CheckOnly, CreatedDate, CreatedById'
const mostRequests = 100
/** Other tokens have a "!". */
const jwt = /^[\w-]+\.[\w-]+\.[\w-]+$/

export class Deployments {
  readonly #org: Org
  readonly #transport: 'soap' | 'rest' | undefined

  /** Without `transport` by SOAP, unless the org issues tokens that SOAP refuses. */
  constructor(org: Org, transport?: 'soap' | 'rest') {
    this.#org = org
    this.#transport = transport
  }

  /** The id of the new deployment. */
  async submit(zip: Uint8Array, options: DeployOptions): Promise<string> {
    const { metadata, isRest } = await this.#open()
    const bytes = Buffer.from(zip.buffer, zip.byteOffset, zip.byteLength)
    const given = inOrder(options)
    const { id } = (await (isRest ? metadata.deployRest(bytes, given) : metadata.deploy(bytes, given))) as {
      id: string | null
    }
    return known(id)
  }

  /** Makes a validation real; the id of the new deployment. */
  async quick(validationId: string): Promise<string> {
    const { metadata, isRest } = await this.#open()
    const answer: unknown = await metadata.deployRecentValidation({ id: validationId, rest: isRest })
    return known(answer)
  }

  async look(id: string, withDetails: boolean): Promise<DeployStatus> {
    const { metadata, isRest } = await this.#open()
    return (await metadata.checkDeployStatus(id, withDetails, isRest)) as unknown as DeployStatus
  }

  async cancel(id: string): Promise<void> {
    const { metadata, isRest } = await this.#open()
    if (!isRest) {
      await metadata.cancelDeploy(id)
      return
    }
    await this.#org.request(`/metadata/deployRequest/${id}`, {
      method: 'PATCH',
      json: { deployResult: { status: 'Canceling' } },
      repeatable: true,
    })
  }

  /** The newest first. */
  newest(): Promise<DeployRequest[]> {
    return this.#org.tooling.query(
      `SELECT ${fields} FROM DeployRequest ORDER BY CreatedDate DESC LIMIT ${mostRequests}`,
    )
  }

  /** By the org's clock. */
  since(at: Date): Promise<DeployRequest[]> {
    return this.#org.tooling.query(
      `SELECT ${fields} FROM DeployRequest WHERE CreatedDate >= ${at.toISOString()} ORDER BY CreatedDate DESC LIMIT ${mostRequests}`,
    )
  }

  async usernameOf(userId: string): Promise<string> {
    const [user] = await this.#org.data.query<{ Username: string }>(`SELECT Username FROM User WHERE Id = '${userId}'`)
    return user?.Username ?? userId
  }

  async #open() {
    const { metadata, accessToken } = await this.#org.connection()
    return { metadata, isRest: this.#transport ? this.#transport === 'rest' : jwt.test(accessToken ?? '') }
  }
}

/** In the order of the WSDL, which SOAP insists on. */
function inOrder({ checkOnly, ignoreWarnings, purgeOnDelete, rollbackOnError, runTests, testLevel }: DeployOptions) {
  return {
    checkOnly,
    ignoreWarnings,
    purgeOnDelete,
    rollbackOnError,
    ...(runTests && { runTests: [...runTests] }),
    singlePackage: true,
    ...(testLevel !== undefined && { testLevel }),
  }
}

function known(id: unknown): string {
  if (typeof id === 'string' && id !== '') return id
  throw new Error('Salesforce answered a deployment without an id')
}

/** One that has ended, or is about to, cannot be stopped any more: that is no failure of who asks. */
export function isTooLate(error: unknown): boolean {
  return (
    error instanceof SalesforceError && /already completed|being finalized|cannot be cancell?ed/i.test(error.message)
  )
}

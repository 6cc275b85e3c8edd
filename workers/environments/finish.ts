/** What is done in the new org by itself: permission sets for whoever logs in, and scripts. */
import { FatalError, invalidInput } from '../errors/steering.ts'
import { SalesforceError } from '../salesforce/errors.ts'
import type { Org } from '../salesforce/org.ts'
import type { Tools } from './tools.ts'

const maxTries = 3

export async function assignPermissionSets(tools: Tools, names: readonly string[]): Promise<void> {
  const org = await tools.made()
  org.step = 'assigning permission sets'
  const quoted = names.map((name) => `'${name.replace(/[\\']/g, '\\$&')}'`).join(', ')
  const sets = await org.data.query<{ Id: string; Name: string }>(
    `SELECT Id, Name FROM PermissionSet WHERE Name IN (${quoted})`,
  )
  const missing = names.filter((name) => !sets.some(({ Name }) => Name.toLowerCase() === name.toLowerCase()))
  if (missing.length > 0)
    throw invalidInput(`org ${org.alias} has no permission set ${missing.join(', ')}: deploy it, or name another`)
  for (const { Id } of sets) await assign(org, Id)
}

/** What got no answer is looked for before it is asked for again. */
async function assign(org: Org, PermissionSetId: string): Promise<void> {
  const AssigneeId = org.userId
  const soql = `SELECT count() FROM PermissionSetAssignment WHERE AssigneeId = '${AssigneeId}' AND PermissionSetId = '${PermissionSetId}'`
  for (let tried = 1; (await org.data.count(soql)) === 0; tried++) {
    try {
      await org.data.create('PermissionSetAssignment', { AssigneeId, PermissionSetId })
    } catch (error) {
      const isOpen = error instanceof SalesforceError && (error.isUnsure || error.salesforceCode === 'DUPLICATE_VALUE')
      if (!isOpen || tried === maxTries) throw error
    }
  }
}

interface Executed {
  readonly success: boolean
  readonly compiled: boolean
  readonly compileProblem: string | null
  readonly exceptionMessage: string | null
  readonly line: number
}

export async function executeApex(tools: Tools, name: string, script: string): Promise<void> {
  const { memory } = tools
  const org = await tools.made()
  if (memory.saved.running === name) refuseTwice(tools, org, name)
  await memory.save({ running: name })
  org.step = `executing ${name}`
  const path = `/tooling/executeAnonymous/?anonymousBody=${encodeURIComponent(script)}`
  try {
    // A GET that is not made twice.
    const { success, compileProblem, exceptionMessage, line } = await org.request<Executed>(path, { repeatable: false })
    if (success) return
    throw new FatalError(`org ${org.alias}: ${name} failed in line ${line}: ${compileProblem ?? exceptionMessage}`, {
      code: 'APEX_FAILED',
    })
  } catch (error) {
    if (!(error instanceof SalesforceError && error.isUnsure)) throw error
    refuseTwice(tools, org, name)
    // Another attempt runs it again.
    throw error
  }
}

function refuseTwice({ context }: Tools, { alias }: Org, name: string): void {
  if (context.input.apexRepeatable) return
  throw new FatalError(
    `org ${alias}: nobody knows whether ${name} was executed. Look in the org, or write it so that it may run twice and say "apexRepeatable": true`,
    { code: 'APEX_UNSURE' },
  )
}

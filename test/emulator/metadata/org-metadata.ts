import type { EmulatedOrg } from '../org.ts'
import { mirrorDeployment } from '../tooling/deploy-rows.ts'
import { mirror } from '../tooling/metadata-rows.ts'
import type { Deployment } from './deployment.ts'
import { Deployments } from './deployments.ts'
import { Retrievals } from './retrievals.ts'
import { Rules } from './rules.ts'
import { MetadataStore } from './store.ts'

/** What an org remembers of its metadata and of what was done with it. */
export interface OrgMetadata {
  readonly metadata: MetadataStore
  readonly deployRules: Rules
  readonly deployments: Deployments
  readonly retrievals: Retrievals
}

export function metadataOf(org: EmulatedOrg): OrgMetadata {
  const newId = (keyPrefix: string) => idOf(org, keyPrefix)
  const { now } = org
  const metadata = new MetadataStore({ newId, now, onChange: mirror(org) })
  const deployRules = new Rules()
  const deployments = new Deployments({
    newId,
    now,
    store: metadata,
    rules: deployRules,
    otherUserId: () => otherUserOf(org),
    complain: (sentence) => org.complain(sentence),
    onChange: (deployment: Deployment) => mirrorDeployment(org, deployment),
  })
  return { metadata, deployRules, deployments, retrievals: new Retrievals(newId, metadata) }
}

/** Of the row where there is a table for it, so that no two things share an id. */
function idOf(org: EmulatedOrg, keyPrefix: string): string {
  const object = org.rows.objectOf(keyPrefix)
  return object ? org.rows.nextId(object.name) : org.makeId(keyPrefix)
}

/** A colleague who works in the same org. */
function otherUserOf({ rows, name }: EmulatedOrg): string {
  const username = `colleague@${name}.example.com`
  const known = rows.all('User').find((row) => row.Username === username)
  return (
    known?.Id ?? rows.insert('User', { Username: username, FirstName: 'A', LastName: 'Colleague', Email: username })
  )
}

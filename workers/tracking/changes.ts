/** What changed in an org: by its own tracking where it has one, otherwise by the dates of its metadata. */
import { listComponents } from '../backup/make/members.ts'
import { SalesforceError } from '../salesforce/errors.ts'
import type { Org } from '../salesforce/org.ts'
import type { Change } from './input.ts'
import type { Dates, OrgState } from './state.ts'

/** The changes, and the state from which the next ones count. */
export interface Seen {
  readonly by: 'revisions' | 'dates'
  readonly since: number | null
  readonly until: number | null
  readonly changes: readonly Change[]
  readonly state: OrgState
}

export interface Wanted {
  readonly since: number | 'last'
  readonly types?: readonly string[]
  readonly known: OrgState | null
}

interface SourceMember {
  readonly MemberType: string
  readonly MemberName: string
  readonly IsNameObsolete: boolean
  readonly IsNewMember: boolean
  readonly RevisionCounter: number
  readonly ChangedBy: string | null
  readonly LastModifiedDate: string | null
}

/** Never waits for members that a deployment should have left: the org tells of them when it is ready. */
export async function changesOf(org: Org, wanted: Wanted, warn: (sentence: string) => void): Promise<Seen> {
  try {
    return await byRevisions(org, wanted)
  } catch (error) {
    if (!(error instanceof SalesforceError && error.salesforceCode === 'INVALID_TYPE')) throw error
    warn(
      `org ${org.alias} does not track its source, as only scratch orgs and some sandboxes do: changes are found by the dates of its metadata`,
    )
    return byDates(org, wanted, warn)
  }
}

async function byRevisions(org: Org, { since, types, known }: Wanted): Promise<Seen> {
  org.step = 'asking what has changed'
  const from = since === 'last' ? (known?.revision ?? 0) : since
  const only = types ? ` AND MemberType IN (${types.map((type) => `'${type}'`).join(', ')})` : ''
  const members = await org.tooling.query<SourceMember>(
    `SELECT MemberType, MemberName, IsNameObsolete, IsNewMember, RevisionCounter, ChangedBy, LastModifiedDate FROM SourceMember WHERE RevisionCounter > ${from}${only} ORDER BY RevisionCounter`,
  )
  const until = members.reduce((most, { RevisionCounter }) => Math.max(most, RevisionCounter), from)
  const state = { orgId: org.orgId, revision: until, dates: null }
  return { by: 'revisions', since: from, until, changes: members.map(changeOf), state }
}

function changeOf(member: SourceMember): Change {
  const { MemberType: type, MemberName: name, ChangedBy: by, LastModifiedDate: at } = member
  const change = member.IsNameObsolete ? 'deleted' : member.IsNewMember ? 'added' : 'changed'
  return { type, name, change, by, at: at && new Date(at).toISOString() }
}

async function byDates(org: Org, { types, known }: Wanted, warn: (sentence: string) => void): Promise<Seen> {
  const missed = new Set<string>()
  const listed = await listComponents(org, { ...(types && { types }), children: true }, (type, why) => {
    missed.add(type)
    warn(`changes of ${type} are not known: ${why}`)
  })
  const dates = Object.fromEntries(listed.map((one) => [`${one.type}:${one.fullName}`, one.lastModifiedDate ?? '']))
  const people = new Map(listed.map((one) => [`${one.type}:${one.fullName}`, one.lastModifiedByName ?? null]))
  const before = known?.dates ?? {}
  const isLooked = (type: string) => !missed.has(type) && (types?.includes(type) ?? true)
  const changes = differences(before, dates, isLooked).map((one) => {
    const by = people.get(`${one.type}:${one.name}`) ?? null
    return { ...one, by }
  })
  // Of what was not looked at, what was known stays so.
  const kept = Object.fromEntries(Object.entries(before).filter(([key]) => !isLooked(typeOf(key))))
  const state = { orgId: org.orgId, revision: null, dates: { ...kept, ...dates } }
  return { by: 'dates', since: null, until: null, changes, state }
}

/** `isLooked` says of which types everything stands in `now`. */
export function differences(before: Dates, now: Dates, isLooked: (type: string) => boolean): Omit<Change, 'by'>[] {
  const come = Object.entries(now)
    .filter(([key, date]) => before[key] !== date)
    .map(([key, date]) => ({
      ...named(key),
      change: key in before ? ('changed' as const) : ('added' as const),
      at: date === '' ? null : new Date(date).toISOString(),
    }))
  const gone = Object.keys(before)
    .filter((key) => !(key in now) && isLooked(typeOf(key)))
    .map((key) => ({ ...named(key), change: 'deleted' as const, at: null }))
  return [...come, ...gone]
}

function typeOf(key: string): string {
  return key.slice(0, key.indexOf(':'))
}

function named(key: string): Pick<Change, 'type' | 'name'> {
  return { type: typeOf(key), name: key.slice(key.indexOf(':') + 1) }
}

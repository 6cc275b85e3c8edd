/** How the rows of a chunk stand in the target: there, in the recycle bin, or gone. */
import type { Org } from '../../salesforce/org.ts'
import { longId } from '../ids.ts'
import type { Row } from '../values.ts'
import { quoted } from './calls.ts'
import type { Mode } from './input.ts'
import type { PlannedRestore } from './plan.ts'

export interface Standing {
  readonly row: Row
  readonly state: 'here' | 'bin' | 'gone'
  /** In the target; none of rows that are gone. */
  readonly id: string | null
}

/** By the id that they had. */
export async function standById(org: Org, object: string, rows: readonly Row[]): Promise<Standing[]> {
  const ids = rows.map(({ Id = '' }) => quoted(Id)).join(',')
  const soql = `SELECT Id, IsDeleted FROM ${object} WHERE Id IN (${ids})`
  const step = `looking which rows of ${object} are there`
  const found = await org.data.query<{ Id: string; IsDeleted: boolean }>(soql, { all: true, step })
  const isDeleted = new Map(found.map(({ Id, IsDeleted }) => [longId(Id), IsDeleted]))
  return rows.map((row): Standing => {
    const id = longId(row.Id ?? '')
    const deleted = isDeleted.get(id)
    return deleted === undefined ? { row, state: 'gone', id: null } : { row, state: deleted ? 'bin' : 'here', id }
  })
}

/** Longer queries do not fit into a URL. */
const mostQueryCharacters = 6_000

/** By a field that says the same in both orgs. Of several with the same value the first is taken. */
export async function standByField(
  org: Org,
  { object, matchBy }: PlannedRestore,
  rows: readonly Row[],
): Promise<Standing[]> {
  if (object === 'Pricebook2' && matchBy === null) return standOfPricebooks(org, rows)
  if (matchBy === null) return rows.map((row) => ({ row, state: 'gone', id: null }))
  // A sandbox that is a copy has the ids of its origin. What is in its recycle bin is made anew.
  if (matchBy === 'Id') return (await standById(org, object, rows)).map(orGone)
  const values = [...new Set(rows.map((row) => row[matchBy] ?? '').filter(Boolean))]
  const ids = new Map<string, string>()
  for (const some of groupsOf(values)) {
    const soql = `SELECT Id, ${matchBy} FROM ${object} WHERE ${matchBy} IN (${some.map(quoted).join(',')}) ORDER BY Id`
    const found = await org.data.query<Record<string, unknown>>(soql, {
      step: `looking which rows of ${object} are there`,
    })
    for (const one of found) {
      const key = keyOf(String(one[matchBy]))
      if (!ids.has(key)) ids.set(key, String(one.Id))
    }
  }
  return rows.map((row): Standing => {
    const id = ids.get(keyOf(row[matchBy] ?? '')) ?? null
    return { row, id, state: id === null ? 'gone' : 'here' }
  })
}

function orGone(standing: Standing): Standing {
  return standing.state === 'here' ? standing : { row: standing.row, state: 'gone', id: null }
}

/** Every org has one standard price book, which nobody can make. */
async function standOfPricebooks(org: Org, rows: readonly Row[]): Promise<Standing[]> {
  const soql = 'SELECT Id FROM Pricebook2 WHERE IsStandard = true'
  const [standard] = await org.data.query<{ Id: string }>(soql, { step: 'looking for the standard price book' })
  return rows.map((row): Standing => {
    const id = row.IsStandard === 'true' ? (standard?.Id ?? null) : null
    return { row, id, state: id === null ? 'gone' : 'here' }
  })
}

/** Salesforce compares text without regard to case. */
const keyOf = (text: string) => text.toLowerCase()

function groupsOf(values: readonly string[]): string[][] {
  const groups: string[][] = []
  let length = Infinity
  for (const value of values) {
    const more = encodeURIComponent(quoted(value)).length + 3
    if (length + more > mostQueryCharacters) {
      groups.push([])
      length = 0
    }
    groups.at(-1)?.push(value)
    length += more
  }
  return groups
}

export interface Deeds {
  readonly insert: readonly Row[]
  readonly undelete: readonly Standing[]
  readonly update: readonly Standing[]
  readonly skip: readonly Standing[]
}

/** What is done with them, by the mode. Rows from the bin are set to what they were, too, once they are out of it. */
export function deedsFor(standings: readonly Standing[], mode: Mode): Deeds {
  const of = (state: Standing['state']) => standings.filter((one) => one.state === state)
  const [here, bin, gone] = [of('here'), of('bin'), of('gone')]
  const updates = mode === 'upsert' || mode === 'updateOnly'
  const inserts = mode === 'upsert' || mode === 'insertMissing'
  const undeletes = mode !== 'updateOnly'
  return {
    insert: inserts ? gone.map(({ row }) => row) : [],
    undelete: undeletes ? bin : [],
    update: updates ? here : [],
    skip: [...(updates ? [] : here), ...(undeletes ? [] : bin), ...(inserts ? [] : gone)],
  }
}

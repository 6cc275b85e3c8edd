import { ApiError } from '../answer.ts'
import type { EmulatedOrg } from '../org.ts'
import { deleteRow, insertRow, updateRow, upsertRow } from '../rows/checked.ts'
import { fieldOf, type ObjectDefinition } from '../rows/define.ts'
import { csvRows, delimiters } from './csv.ts'
import type { IngestJob } from './ingest-jobs.ts'
import { fail } from './jobs.ts'

interface Success {
  readonly id: string
  readonly created: boolean
  readonly cells: readonly string[]
}

interface Failure {
  readonly id: string
  /** `CODE:message:fields --` */
  readonly error: string
  readonly cells: readonly string[]
}

/** The work of one job on the rows that were uploaded. */
export interface Ingest {
  readonly columns: readonly string[]
  readonly successes: Success[]
  readonly failures: Failure[]
  /** Works until this part of all rows, up to 1, is done. */
  advanceTo(part: number): void
  /** Rows that were not looked at. */
  left(): string[][]
}

export function ingest(org: EmulatedOrg, job: IngestJob): Ingest {
  const rows = [...csvRows(job.upload?.toString() ?? '', delimiters[job.columnDelimiter] ?? ',')]
  job.upload = job.upload && Buffer.alloc(0)
  const [columns = [], ...pending] = rows
  const object = org.rows.definition(job.object) as ObjectDefinition
  const successes: Success[] = []
  const failures: Failure[] = []
  const complaint = complaintOf(job, object, columns)
  let done = 0
  return {
    columns,
    successes,
    failures,
    left: () => pending.slice(done),
    advanceTo: (part) => {
      if (complaint !== null) {
        fail(job, complaint)
        return
      }
      for (const until = Math.ceil(pending.length * part); done < until; done += 1) {
        const cells = pending[done] ?? []
        const given = givenOf(columns, cells)
        try {
          successes.push({ ...write(org, job, object, given), cells })
        } catch (error) {
          if (!(error instanceof ApiError)) throw error
          failures.push({ id: String(given.Id ?? ''), error: rowError(error), cells })
        }
      }
      job.processed = done
      job.failed = failures.length
    },
  }
}

/** Why the whole upload is of no use; null when it is. */
function complaintOf({ lineEnding }: IngestJob, object: ObjectDefinition, columns: readonly string[]): string | null {
  if (lineEnding === 'LF' && columns.at(-1)?.endsWith('\r')) {
    return 'ClientInputError : LineEnding is invalid on user data. Current LineEnding setting is LF'
  }
  const unknown = columns.find((name) => !name.includes('.') && !fieldOf(object, name))
  return unknown === undefined ? null : `InvalidBatch : Field name not found : ${unknown}`
}

function write(
  org: EmulatedOrg,
  { operation, externalIdFieldName, createdById: by }: IngestJob,
  object: ObjectDefinition,
  given: Readonly<Record<string, string>>,
): { readonly id: string; readonly created: boolean } {
  const { Id: id = '', ...values } = given
  switch (operation) {
    case 'insert':
      return { id: insertRow(org, object, given, by), created: true }
    case 'update':
      updateRow(org, object, id, values, by)
      return { id, created: false }
    case 'upsert': {
      const field = externalIdFieldName ?? ''
      return upsertRow(org, object, { field, value: given[field] }, given, by)
    }
    default:
      deleteRow(org, object, id)
      if (operation === 'hardDelete') org.rows.purge(object.name, id)
      return { id, created: false }
  }
}

/** An empty cell leaves a field alone, `#N/A` empties it. */
function givenOf(columns: readonly string[], cells: readonly string[]): Record<string, string> {
  return Object.fromEntries(columns.flatMap((name, index) => (cells[index] ? [[name, cells[index]]] : [])))
}

function rowError({ code, message, fields }: ApiError): string {
  return `${code}:${message}:${fields.length > 0 ? `${fields.join(',')} ` : ''}--`
}

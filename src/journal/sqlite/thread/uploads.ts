import type { Upload, UploadPlace, UploadRoom } from '../../uploads.ts'
import type { Statements } from './statements.ts'
import { ended } from './states.ts'

const insertUpload = 'INSERT INTO upload (id, tenant, bytes, sha256, at) VALUES (?, ?, ?, ?, ?)'
const selectStored = 'SELECT count(*) AS count, coalesce(sum(bytes), 0) AS bytes FROM upload WHERE tenant = ?'
const selectKnown = 'SELECT id FROM upload WHERE id IN (SELECT value FROM json_each(?))'
const isInUse = `(EXISTS (SELECT 1 FROM task_upload JOIN task ON task.number = task_upload.task
  WHERE task_upload.upload = upload.id AND task.state NOT IN (${ended}))
  OR EXISTS (SELECT 1 FROM schedule_upload WHERE schedule_upload.upload = upload.id))`
const deleteUnused = `DELETE FROM upload WHERE id IN
  (SELECT id FROM upload WHERE at < ? AND NOT ${isInUse} LIMIT ?) RETURNING tenant, id`
const selectOwn = 'SELECT 1 FROM upload WHERE id = ? AND tenant = ?'
const insertUse = 'INSERT OR IGNORE INTO task_upload (task, upload) VALUES (?, ?)'

export const uploadChanges = {
  'uploads.add'(statements: Statements, upload: Upload, room: UploadRoom): boolean {
    const { id, tenant, bytes, sha256, at } = upload
    const now = stored(statements, tenant)
    if (now.count + 1 > room.count || now.bytes + bytes > room.bytes) return false
    statements.prepare(insertUpload).run(id, tenant, bytes, sha256, at)
    return true
  },

  'uploads.prune'(statements: Statements, before: number, limit: number): readonly UploadPlace[] {
    const places = statements.prepare(deleteUnused).all(before, limit) as unknown as readonly UploadPlace[]
    for (const { id } of places) statements.prepare('DELETE FROM task_upload WHERE upload = ?').run(id)
    return places
  },
}

export const uploadQueries = {
  'uploads.stored': stored,

  'uploads.known'(statements: Statements, ids: readonly string[]): readonly string[] {
    return statements
      .prepare(selectKnown)
      .all(JSON.stringify(ids))
      .map(({ id }) => id as string)
  },
}

export interface MissingUpload {
  readonly unknownUpload: string
}

/** The first of these uploads that the tenant does not have. */
export function missingUpload(
  statements: Statements,
  tenant: string,
  ids: readonly string[],
): MissingUpload | undefined {
  const unknownUpload = ids.find((id) => !statements.prepare(selectOwn).get(id, tenant))
  return unknownUpload === undefined ? undefined : { unknownUpload }
}

/** The uploads stay as long as the task has not ended. */
export function useUploads(statements: Statements, task: number, ids: readonly string[]): void {
  for (const id of ids) statements.prepare(insertUse).run(task, id)
}

function stored(statements: Statements, tenant: string): UploadRoom {
  return statements.prepare(selectStored).get(tenant) as unknown as UploadRoom
}

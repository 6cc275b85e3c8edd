import type { ArtifactStore } from '../files/artifacts.ts'
import type { Directories } from '../files/directories.ts'
import type { KeptDirectories } from '../files/kept.ts'
import type { UploadStore } from '../files/uploads.ts'
import type { Journal } from '../journal/journal.ts'
import type { Logger } from '../system/logger.ts'
import type { TaskEvent } from '../task/task.ts'

export interface LeftoverDeps {
  readonly journal: Pick<Journal, 'retention' | 'uploads'>
  readonly artifacts: Pick<ArtifactStore, 'tasks' | 'remove'>
  readonly uploads: Pick<UploadStore, 'list' | 'remove'>
  readonly kept: Pick<KeptDirectories, 'tasks' | 'remove' | 'has'>
  readonly directories: Pick<Directories, 'remove' | 'removeLeftovers'>
  readonly logger: Logger
}

/** Ids that are asked for at once. */
const batch = 500

/** Removes the files of an earlier start that the journal knows nothing of, before anything new is written. */
export async function removeLeftovers(deps: LeftoverDeps): Promise<void> {
  const { journal, artifacts, uploads, kept } = deps
  for (const files of inBatches(uploads.list())) {
    const known = new Set(await journal.uploads.known(files.map(({ id }) => id)))
    for (const { tenant, id } of files) if (!known.has(id)) await uploads.remove(tenant, id)
  }
  for (const tasks of inBatches(artifacts.tasks())) {
    const states = await journal.retention.states(tasks)
    for (const task of tasks) if (!states.has(task)) await artifacts.remove(task)
  }
  for (const tasks of inBatches(kept.tasks())) {
    const states = await journal.retention.states(tasks)
    for (const task of tasks) if (states.get(task) !== 'open') await removeKept(task, deps)
  }
  await deps.directories.removeLeftovers()
}

/** Removes the directories of a tenant that is gone. */
export async function removeTenantFiles(
  tenant: string,
  { directories, logger }: Pick<LeftoverDeps, 'directories' | 'logger'>,
): Promise<void> {
  const isGone = await directories.remove(tenant).catch(() => false)
  if (!isGone) logger.error({ tenant }, 'the directories of a deleted tenant could not be removed: remove them')
}

const ends: ReadonlySet<string> = new Set(['task.succeeded', 'task.failed', 'task.cancelled'])

/** Removes the kept directories of tasks that have just ended, however that came about. */
export function removeEnded(events: readonly TaskEvent[], deps: Pick<LeftoverDeps, 'kept' | 'logger'>): void {
  for (const { type, task } of events) {
    if (ends.has(type) && deps.kept.has(task)) void removeKept(task, deps)
  }
}

async function removeKept(task: string, { kept, logger }: Pick<LeftoverDeps, 'kept' | 'logger'>): Promise<void> {
  if (await kept.remove(task)) return
  logger.error({ task }, 'a kept directory could not be removed: the next start tries again')
}

function inBatches<T>(items: readonly T[]): T[][] {
  return Array.from({ length: Math.ceil(items.length / batch) }, (_, at) => items.slice(at * batch, (at + 1) * batch))
}

import type { ArtifactStore, Collected } from '../files/artifacts.ts'
import type { Workspaces } from '../files/workspaces.ts'
import type { Journal } from '../journal/journal.ts'
import type { Worker } from '../process/worker.ts'
import type { Clock } from '../system/clock.ts'
import type { Logger } from '../system/logger.ts'
import { maxArtifacts } from '../task/artifact.ts'
import type { Attempt } from '../task/attempt.ts'

export interface CollectDeps {
  readonly journal: Pick<Journal, 'artifacts'>
  readonly workspaces: Pick<Workspaces, 'artifactsOf'>
  readonly artifacts: Pick<ArtifactStore, 'collect'>
  readonly clock: Clock
  readonly logger: Logger
}

/** An attempt is settled whatever becomes of its artifacts. */
export async function collect(worker: Worker, attempt: Attempt, deps: CollectDeps): Promise<Collected> {
  const { task, artifacts } = attempt
  if (artifacts.length === 0) return { artifacts: [], leftOut: [] }
  try {
    const limits = { ...(await roomFor(attempt, deps)), now: deps.clock.now() }
    const from = deps.workspaces.artifactsOf(worker.id)
    return await deps.artifacts.collect(task.id, artifacts, from, limits)
  } catch (error) {
    deps.logger.error({ err: error, task: task.id }, 'artifacts could not be collected')
    return { artifacts: [], leftOut: ['all artifacts were left out: they could not be stored'] }
  }
}

/** What is left of the task's limits beside the artifacts of earlier attempts that are not replaced now. */
async function roomFor({ task, number, artifacts }: Attempt, { journal }: CollectDeps) {
  const bytes = task.limits.workspaceMiB * 1024 * 1024
  if (number === 1) return { bytes, count: maxArtifacts }
  const names = new Set(artifacts.map(({ name }) => name))
  const staying = (await journal.artifacts(task.id)).filter(({ name }) => !names.has(name))
  return { bytes: staying.reduce((room, one) => room - one.bytes, bytes), count: maxArtifacts - staying.length }
}

import type { UploadStore } from '../files/uploads.ts'
import type { Workspaces } from '../files/workspaces.ts'
import type { Worker } from '../process/worker.ts'
import { messageOf } from '../system/message.ts'
import type { Attempt } from '../task/attempt.ts'

export interface BringDeps {
  readonly workspaces: Pick<Workspaces, 'bring' | 'keptOf'>
  readonly uploads: Pick<UploadStore, 'pathOf'>
}

export type UploadPaths = Readonly<Record<string, string>>

/** Copies uploads beside the workspace of a worker; ends the attempt when that cannot be done. */
export async function bring(
  attempt: Attempt,
  worker: Worker,
  ids: readonly string[],
  { workspaces, uploads }: BringDeps,
): Promise<UploadPaths> {
  const { tenant } = attempt.task
  try {
    return await workspaces.bring(
      worker.id,
      new Map(ids.map((id) => [id, uploads.pathOf(tenant, id)])),
      worker.slot?.user,
    )
  } catch (error) {
    attempt.end({ cause: 'not_started', message: `its uploads could not be brought to it: ${messageOf(error)}` })
    return {}
  }
}

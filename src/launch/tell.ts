import type { Directories } from '../files/directories.ts'
import type { Kind, Registry } from '../kinds/registry.ts'
import type { Worker } from '../process/worker.ts'
import { encodeSecret, FRAME, secretFrameBytes } from '../protocol/frame.ts'
import type { Start } from '../protocol/messages.ts'
import type { Lease } from '../secrets/lease.ts'
import type { Witness } from '../system/waypoint.ts'
import { zeroable } from '../system/zeroable.ts'
import type { Task } from '../task/task.ts'
import type { BringDeps, UploadPaths } from './bring.ts'
import type { Launched } from './launched.ts'

export interface TellDeps extends Pick<BringDeps, 'workspaces'> {
  readonly registry: Registry
  readonly directories: Pick<Directories, 'pathOf'>
  readonly witness: Witness
}

const tooLarge = 'its input and checkpoint are too large together to be sent to a worker'

/** Tells the worker its task, or ends the attempt of one that cannot be told. `failure` is why there is no worker. */
export function tell(
  { attempt, worker, stoodBy, lease }: Launched,
  failure: string,
  { registry, workspaces, directories, witness }: TellDeps,
  uploads: UploadPaths,
): void {
  const { task } = attempt
  const kind = registry.get(task.kind)
  if (!worker) {
    attempt.end({ cause: 'not_started', message: `no process could be started: ${failure}` })
  } else if (!kind) {
    attempt.end({ cause: 'not_started', message: `the kind ${task.kind} is not installed here` })
  } else {
    const start = startOf(task, kind, worker, { workspaces, directories }, uploads)
    // One that stood by has been told it by KIND.
    if (send(worker, stoodBy ? start : { ...start, text: kind.text() }, lease)) witness('launch.told', task.id)
    else attempt.end({ cause: 'not_started', message: tooLarge })
  }
}

/** False when it is more than a frame can carry. */
function send(worker: Worker, start: Start, lease: Lease): boolean {
  try {
    worker.together(() => {
      worker.send(FRAME.START, start)
      for (const [name, value] of lease.entries()) worker.sendOnce(secretFrame(name, value))
      worker.send(FRAME.END)
    })
    return true
  } catch (error) {
    if (error instanceof RangeError) return false
    throw error
  }
}

/** What this worker is told of a task. */
export function startOf(
  { id, tenant, kind, attempt, input, checkpoint, debug, cleaning, error }: Task,
  { module, directory: shared }: Kind,
  worker: Worker,
  { workspaces, directories }: Pick<TellDeps, 'workspaces' | 'directories'>,
  uploads: UploadPaths = {},
): Start {
  const directory = shared === null ? null : directories.pathOf(tenant, shared)
  const places = { kept: workspaces.keptOf(worker.id), directory, uploads }
  const same = { task: id, tenant, kind, attempt, module, input, checkpoint, debug, ...places }
  return cleaning ? { ...same, cleanup: { error } } : same
}

function secretFrame(name: string, value: Buffer): Buffer {
  const frame = zeroable(secretFrameBytes(name, value))
  encodeSecret(name, value, frame)
  return frame
}

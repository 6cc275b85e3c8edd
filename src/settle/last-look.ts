import { isAlive } from '../process/tree.ts'
import { sampleTree } from '../process/usage.ts'
import type { Worker } from '../process/worker.ts'
import type { Limits } from '../task/task.ts'
import type { Vitals } from '../task/vitals.ts'

/** Before it is killed: of processes that end together nobody waits for each, and so the kernel forgets what they have used. */
export function lastLook({ identity }: Worker, vitals: Vitals, limits: Limits): void {
  try {
    if (isAlive(identity, identity.bootId)) vitals.used(sampleTree(identity.pid, [], limits))
  } catch {
    // Without descriptors nobody can be seen: what was seen before stays.
  }
}

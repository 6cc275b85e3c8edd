import { writerOf } from './pipe-ends.ts'
import { untilEnded } from './reaper.ts'
import type { Spawn } from './spawn.ts'

type Environment = Readonly<Record<string, string>>

/** Whether the kernel kills here what is tied to us: tried with a shell that waits to be told something, and is cut off. */
export async function tieHolds(spawn: Spawn, environment: Environment): Promise<boolean> {
  const order = { program: 'sh', args: ['-c', 'read word'], cwd: '/', env: environment }
  try {
    const tie = spawn.newTie?.()
    if (!tie) return false
    const starting = spawn({ ...order, descriptors: ['pipe', 'ignore', 'ignore', tie] })
    const { ends, exited } = await starting.finally(() => tie.cut())
    // Not before: where the tie does not hold, this is what ends it.
    for (const end of ends) if (end) writerOf(end).destroy()
    return (await untilEnded(exited)).signal === 'SIGKILL'
  } catch {
    return false
  }
}

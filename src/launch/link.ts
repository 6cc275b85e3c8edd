import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Logger } from '../system/logger.ts'
import { messageOf } from '../system/message.ts'
import { runErrand } from './errand.ts'

/** In a process of its own: what it loads takes more memory than all the rest of an orchestrator. */
const linker = fileURLToPath(new URL('linker.ts', import.meta.url))

export const linkedIn = (directory: string) => join(directory, 'worker.cjs')

/**
 * Links the program of workers and all that it imports into one CommonJS module in this directory, and returns its path:
 * every module costs each start 0.6 ms of CPU, and what Node needs to begin with an ECMAScript module another (measured).
 * Where it cannot be made the program itself has to do.
 */
export async function link(
  program: string,
  directory: string,
  environment: Readonly<Record<string, string>>,
  logger: Logger,
): Promise<string> {
  const module = linkedIn(directory)
  try {
    const { code, said } = await runErrand(linker, [program, module], environment)
    if (code !== 0) throw new Error(said)
    return module
  } catch (error) {
    const said = messageOf(error)
    logger.warn({ said }, 'the worker could not be linked into one module: every task costs more to start')
    return program
  }
}

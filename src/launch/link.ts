import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Logger } from '../system/logger.ts'
import { runErrand } from './errand.ts'

/** In a process of its own: what it loads takes more memory than all the rest of an orchestrator. */
const linker = fileURLToPath(new URL('linker.ts', import.meta.url))

/**
 * Links the program of workers and all that it imports into one module in this directory, and returns its path: every
 * module costs each start 0.6 ms of CPU (measured). It is made at each start of the orchestrator, in a directory that was
 * just cleared, so that it is never of older code, nor half written. Where it cannot be made the program itself has to do.
 */
export async function link(
  program: string,
  directory: string,
  environment: Readonly<Record<string, string>>,
  logger: Logger,
): Promise<string> {
  const module = join(directory, 'worker.mjs')
  const { code, said } = await runErrand(linker, [program, module], environment)
  if (code === 0) return module
  logger.warn({ said }, 'the worker could not be linked into one module: every task costs more to start')
  return program
}

import { workerIn } from './usage.ts'

/**
 * Has a worker print what JavaScript it runs, and end with that: also one whose event loop never turns again. What was
 * started by it is not told. Nothing happens to one that has ended.
 */
export function interrupt(leader: number): void {
  try {
    const pid = workerIn(leader)
    if (pid !== undefined) process.kill(pid, 'SIGINT')
  } catch {
    // It has ended meanwhile, or there is no descriptor to find it with.
  }
}

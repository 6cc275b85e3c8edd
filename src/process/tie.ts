/**
 * What ties processes to this one: the kernel kills each of them when this one is gone, however that came about. It is
 * what `setpriv --pdeathsig KILL` has it do, without a program that would cost each start 1 ms of CPU (measured).
 *
 * Only this process has the writing end of a pipe. Of the other end each process has an opening of its own, which kills it
 * when something happens there. Nobody writes anything, so that nothing can happen but that the pipe has lost its writer.
 */
import { closeSync, openSync } from 'node:fs'
import type { Libc } from './libc.ts'

export class Tie {
  readonly #libc: Pick<Libc, 'pipe' | 'killFrom'>
  readonly #reading: number
  readonly #writing: number

  constructor(libc: Pick<Libc, 'pipe' | 'killFrom'>) {
    this.#libc = libc
    ;[this.#reading, this.#writing] = libc.pipe()
  }

  /** An opening for one process: what is given it beside others would kill one of them alone. */
  open(): number {
    return openSync(`/proc/self/fd/${this.#reading}`, 'r')
  }

  /**
   * From now on the process lives no longer than this one, while it has its opening. Until now, a worker ends by itself:
   * it has been told nothing, and finds nobody at its life line.
   */
  hold(opening: number, pid: number): void {
    this.#libc.killFrom(opening, pid)
  }

  /** As if this process were gone. */
  cut(): void {
    closeSync(this.#writing)
    closeSync(this.#reading)
  }
}

/** The calls of all attempts of a task to an org: in a file of its kept directory, so that none is forgotten however an attempt ends. */
import { constants, openSync, readFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import type { Context } from '../context.ts'

const digits = 12

export class CallTally {
  readonly #file: number
  #calls: number

  private constructor(path: string) {
    this.#calls = readCount(path)
    this.#file = openSync(path, constants.O_WRONLY | constants.O_CREAT, 0o600)
  }

  static open({ kept }: Pick<Context, 'kept'>, alias: string): CallTally {
    return new CallTally(join(kept, `calls-${alias}`))
  }

  get calls(): number {
    return this.#calls
  }

  add(): void {
    this.#calls += 1
    // In place and of one length: whoever is killed meanwhile leaves a number.
    writeSync(this.#file, String(this.#calls).padStart(digits, '0'), 0)
  }
}

function readCount(path: string): number {
  try {
    return Number(readFileSync(path, 'latin1')) || 0
  } catch {
    return 0
  }
}

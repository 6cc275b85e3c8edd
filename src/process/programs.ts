import { accessSync, constants, existsSync } from 'node:fs'
import { isAbsolute, join } from 'node:path'

/** Programs of the machine, found where an environment says. */
export class Programs {
  /** Where they were found, by where they were looked for. */
  readonly #found = new Map<string, string>()

  /**
   * The path of a program, looked for as the system does: the first place of PATH that has it. Just its name where none
   * does: whoever starts it then is told so. It is remembered for as long as there is a file: under npm there are some
   * fifteen places, and to look at all of them for each of three programs costs a start 0.6 ms of CPU (measured).
   */
  locate(program: string, { PATH = '' }: Readonly<Record<string, string>>): string {
    if (program.includes('/')) return program
    const asked = `${program} in ${PATH}`
    const known = this.#found.get(asked)
    if (known !== undefined && existsSync(known)) return known
    const path = PATH.split(':')
      // Others are below wherever it is started, and that is a workspace.
      .filter((directory) => isAbsolute(directory))
      .map((directory) => join(directory, program))
      .find(mayRun)
    if (path === undefined) return program
    this.#found.set(asked, path)
    return path
  }
}

/** Whether it is there, and ours to start. */
export function mayRun(path: string): boolean {
  // Most do not, and making an error of each takes a while.
  if (!existsSync(path)) return false
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

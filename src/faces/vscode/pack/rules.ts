import ignore, { type Ignore } from 'ignore'

/** What no server needs: histories, what is installed from elsewhere, and what tools keep for themselves. */
const never = ['.git/', '.hg/', '.svn/', 'node_modules/', '.mayfly/', '.sf/', '.sfdx/']

interface Level {
  readonly folder: string
  readonly rules: Ignore
}

/** Rules in the language of .gitignore, each folder's own besides those of the folders around it. */
export class Rules {
  readonly #levels: readonly Level[]

  private constructor(levels: readonly Level[]) {
    this.#levels = levels
  }

  static of(excluded: readonly string[]): Rules {
    return new Rules([
      {
        folder: '',
        rules: ignore()
          .add(never)
          .add([...excluded]),
      },
    ])
  }

  /** With what the .gitignore of a folder says, a path without a slash at its end, or empty. */
  within(folder: string, text: string): Rules {
    return new Rules([...this.#levels, { folder, rules: ignore().add(text) }])
  }

  /** The path of a folder ends with a slash. The innermost word counts, but for what is never wanted. */
  leaveOut(path: string): boolean {
    let isOut = false
    for (const [level, { folder, rules }] of this.#levels.entries()) {
      const inner = folder === '' ? path : path.slice(folder.length + 1)
      const { ignored, unignored } = rules.test(inner)
      if (ignored && level === 0) return true
      if (ignored) isOut = true
      if (unignored) isOut = false
    }
    return isOut
  }
}

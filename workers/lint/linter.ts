import { existsSync } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { registerHooks } from 'node:module'
import { join, resolve } from 'node:path'
import { ESLint, type Linter } from 'eslint'
import { messageOf } from '../../src/system/message.ts'
import { FatalError, invalidInput } from '../errors/steering.ts'
import { isInside, isReallyInside } from '../sources/inside.ts'
import { Bundled } from './bundled.ts'
import { type Finding, findingOf } from './report.ts'

const configNames = ['js', 'mjs', 'cjs', 'ts', 'mts', 'cts'].map((ending) => `eslint.config.${ending}`)

/** The largest file that is looked at: what is larger was made by a program. */
const largestFileBytes = 2 * 1024 * 1024

/** What lints a text as the file of this path, and whether it has anything to say about that file. */
interface Configured {
  lintText(text: string, path: string): Promise<readonly Linter.LintMessage[]>
  wants(path: string): Promise<boolean>
}

export class SourceLinter {
  readonly #root: string
  readonly #configured: Configured

  private constructor(root: string, configured: Configured) {
    this.#root = root
    this.#configured = configured
  }

  /** `config`: a path below the root, `bundled`, or nothing for the project's own where it has one. */
  static open(root: string, config: string | undefined): SourceLinter {
    const own = ownConfig(root, config)
    if (!own) return new SourceLinter(root, new Bundled(root))
    lendPackages(root)
    const eslint = new ESLint({ cwd: root, warnIgnored: false, overrideConfigFile: own })
    return new SourceLinter(root, {
      lintText: async (text, filePath) => (await eslint.lintText(text, { filePath }))[0]?.messages ?? [],
      wants: async (path) =>
        !(await eslint.isPathIgnored(path)) && (await eslint.calculateConfigForFile(path)) !== undefined,
    })
  }

  /** Whether the configuration has anything to say about this file. */
  async wants(file: string): Promise<boolean> {
    try {
      return await this.#configured.wants(join(this.#root, file))
    } catch (error) {
      throw new FatalError(`the ESLint configuration cannot be used: ${messageOf(error)}`)
    }
  }

  async lint(file: string): Promise<readonly Finding[]> {
    const path = join(this.#root, file)
    if ((await stat(path)).size > largestFileBytes) return []
    const messages = await this.#configured.lintText(await readFile(path, 'utf8'), path)
    return messages.map((message) => findingOf(file, message))
  }
}

export const version = ESLint.version

function ownConfig(root: string, config: string | undefined): string | undefined {
  if (config === 'bundled') return undefined
  if (config === undefined) return configNames.map((name) => join(root, name)).find((path) => existsSync(path))
  const path = resolve(root, config)
  if (isInside(path, root) && existsSync(path) && isReallyInside(path, root)) return path
  throw invalidInput(`config: there is no ${config} in the sources`)
}

/** What a project has not installed itself, its configuration may take from here: sources rarely come with modules. */
function lendPackages(root: string): void {
  registerHooks({
    resolve(specifier, context, next) {
      try {
        return next(specifier, context)
      } catch (error) {
        const isLent = /^(eslint|@eslint\/js|globals|@?typescript-eslint|typescript)(\/|$)/.test(specifier)
        if (!isLent || !context.parentURL?.includes(root)) throw error
        return next(specifier, { ...context, parentURL: import.meta.url })
      }
    },
  })
}

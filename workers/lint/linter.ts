import { existsSync, readFileSync } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { registerHooks } from 'node:module'
import { join, resolve } from 'node:path'
import { ESLint, type Linter } from 'eslint'
import { messageOf } from '../../src/system/message.ts'
import { FatalError } from '../errors/steering.ts'
import { isInside, isReallyInside } from '../sources/inside.ts'
import { type Finding, findingOf } from './report.ts'

const configNames = ['js', 'mjs', 'cjs', 'ts', 'mts', 'cts'].map((ending) => `eslint.config.${ending}`)

/** The largest file that is looked at: what is larger was made by a program. */
const largestFileBytes = 2 * 1024 * 1024

export class SourceLinter {
  readonly #root: string
  readonly #eslint: ESLint
  /** The bundled configuration once more, for files that turn out to be modules; the project's own knows its files. */
  readonly #asModules: ESLint | undefined

  private constructor(root: string, eslint: ESLint, asModules?: ESLint) {
    this.#root = root
    this.#eslint = eslint
    this.#asModules = asModules
  }

  /** `config`: a path below the root, `bundled`, or nothing for the project's own where it has one. */
  static async open(root: string, config: string | undefined): Promise<SourceLinter> {
    const own = ownConfig(root, config)
    const open = (options: ESLint.Options) => new ESLint({ cwd: root, warnIgnored: false, ...options })
    if (own) {
      lendPackages(root)
      return new SourceLinter(root, open({ overrideConfigFile: own }))
    }
    const [asDeclared, asModules] = await Promise.all([bundled(isModule(root)), bundled(true)])
    return new SourceLinter(
      root,
      open({ overrideConfigFile: true, baseConfig: asDeclared }),
      open({ overrideConfigFile: true, baseConfig: asModules }),
    )
  }

  /** Whether the configuration has anything to say about this file. */
  async wants(file: string): Promise<boolean> {
    const path = join(this.#root, file)
    try {
      return (
        !(await this.#eslint.isPathIgnored(path)) && (await this.#eslint.calculateConfigForFile(path)) !== undefined
      )
    } catch (error) {
      throw new FatalError(`the ESLint configuration cannot be used: ${messageOf(error)}`)
    }
  }

  async lint(file: string): Promise<readonly Finding[]> {
    const path = join(this.#root, file)
    if ((await stat(path)).size > largestFileBytes) return []
    const messages = await this.#messagesOf(await readFile(path, 'utf8'), path)
    return messages.map((message) => findingOf(file, message))
  }

  async #messagesOf(text: string, filePath: string): Promise<readonly Linter.LintMessage[]> {
    const messagesBy = async (eslint: ESLint) => (await eslint.lintText(text, { filePath }))[0]?.messages ?? []
    const messages = await messagesBy(this.#eslint)
    if (!this.#asModules) return messages
    const isModule = filePath.endsWith('.js') && messages.some(isAboutModules)
    return (isModule ? await messagesBy(this.#asModules) : messages).filter((message) => !isAboutStrangeRule(message))
  }
}

/** As Node does: what does not parse because it imports or exports is a module, whatever the project declares. */
function isAboutModules({ fatal, message }: Linter.LintMessage): boolean {
  return fatal === true && message.includes('sourceType: module')
}

/** A comment in the sources names a rule of a plugin that the bundled configuration does not have. */
function isAboutStrangeRule({ message }: Linter.LintMessage): boolean {
  return /^Definition for rule .* not found\.$/.test(message)
}

export const version = ESLint.version

function ownConfig(root: string, config: string | undefined): string | undefined {
  if (config === 'bundled') return undefined
  if (config === undefined) return configNames.map((name) => join(root, name)).find((path) => existsSync(path))
  const path = resolve(root, config)
  if (isInside(path, root) && existsSync(path) && isReallyInside(path, root)) return path
  throw new FatalError(`config: there is no ${config} in the sources`)
}

/** What a project has not installed itself, its configuration may take from here: sources rarely come with modules. */
function lendPackages(root: string): void {
  registerHooks({
    resolve(specifier, context, next) {
      try {
        return next(specifier, context)
      } catch (error) {
        const isLent = /^(eslint|@eslint\/js|globals)(\/|$)/.test(specifier)
        if (!isLent || !context.parentURL?.includes(root)) throw error
        return next(specifier, { ...context, parentURL: import.meta.url })
      }
    },
  })
}

/** For projects without a configuration: what is most likely wrong in JavaScript, nothing about taste. */
async function bundled(asModules: boolean): Promise<Linter.Config[]> {
  const [{ default: js }, { default: globals }] = await Promise.all([import('@eslint/js'), import('globals')])
  const known = { ...globals.node, ...globals.browser }
  const common = { globals: known, parserOptions: { ecmaFeatures: { jsx: true } } }
  return [
    js.configs.recommended,
    { linterOptions: { reportUnusedDisableDirectives: 'off' } },
    {
      files: ['**/*.js', '**/*.jsx'],
      languageOptions: { ...common, sourceType: asModules ? 'module' : 'commonjs' },
    },
    { files: ['**/*.mjs'], languageOptions: { ...common, sourceType: 'module' } },
    { files: ['**/*.cjs'], languageOptions: { ...common, sourceType: 'commonjs' } },
  ]
}

function isModule(root: string): boolean {
  try {
    return JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).type === 'module'
  } catch {
    return false
  }
}

/**
 * For projects without a configuration: what is most likely wrong in JavaScript and TypeScript, nothing about taste.
 * TypeScript's parser takes half a second and 80 MB: it is loaded with the first file that needs it.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import js from '@eslint/js'
import { ESLint, type Linter } from 'eslint'
import globals from 'globals'

type Messages = readonly Linter.LintMessage[]

const scripts = ['**/*.js', '**/*.jsx']
const typed = ['**/*.ts', '**/*.mts', '**/*.cts', '**/*.tsx']
const wanted = /\.([mc]?[jt]s|[jt]sx)$/

export class Bundled {
  readonly #root: string
  readonly #asDeclared: ESLint
  readonly #asModules: ESLint
  #typed: Promise<ESLint> | undefined

  constructor(root: string) {
    this.#root = root
    this.#asDeclared = this.#open(javaScript(isModule(root)))
    this.#asModules = this.#open(javaScript(true))
  }

  wants(path: string): Promise<boolean> {
    return Promise.resolve(wanted.test(path))
  }

  async lintText(text: string, filePath: string): Promise<Messages> {
    const messagesBy = async (eslint: ESLint) =>
      ((await eslint.lintText(text, { filePath }))[0]?.messages ?? []).filter((one) => !isAboutStrangeRule(one))
    if (!/js.?$/.test(filePath)) return messagesBy(await this.#withTypes())
    let messages = await messagesBy(this.#asDeclared)
    if (filePath.endsWith('.js') && messages.some(isAboutModules)) messages = await messagesBy(this.#asModules)
    // Decorators, which Lightning web components are full of, are no JavaScript yet, but TypeScript reads them in it.
    if (!messages.some(isFatal) || !text.includes('@')) return messages
    const withDecorators = await messagesBy(await this.#withTypes())
    return withDecorators.some(isFatal) ? messages : withDecorators
  }

  #withTypes(): Promise<ESLint> {
    this.#typed ??= typeScript().then((config) => this.#open(config))
    return this.#typed
  }

  #open(baseConfig: Linter.Config[]): ESLint {
    return new ESLint({ cwd: this.#root, warnIgnored: false, overrideConfigFile: true, baseConfig })
  }
}

function javaScript(asModules: boolean): Linter.Config[] {
  return [
    ...common,
    { files: scripts, languageOptions: { ...languageOptions, sourceType: asModules ? 'module' : 'commonjs' } },
    { files: ['**/*.mjs'], languageOptions: { ...languageOptions, sourceType: 'module' } },
    { files: ['**/*.cjs'], languageOptions: { ...languageOptions, sourceType: 'commonjs' } },
  ]
}

const languageOptions = {
  globals: { ...globals.node, ...globals.browser },
  parserOptions: { ecmaFeatures: { jsx: true } },
}

const common: Linter.Config[] = [js.configs.recommended, { linterOptions: { reportUnusedDisableDirectives: 'off' } }]

/** What the rules for JavaScript do not understand of types is left out, or to their counterpart. */
async function typeScript(): Promise<Linter.Config[]> {
  const { parser, plugin } = await import('typescript-eslint')
  const files = [...typed, ...scripts]
  const rules: Linter.RulesRecord = {
    'no-undef': 'off',
    'no-redeclare': 'off',
    'no-dupe-class-members': 'off',
    'no-unused-vars': 'off',
    '@typescript-eslint/no-unused-vars': 'error',
    '@typescript-eslint/no-dupe-class-members': 'error',
    '@typescript-eslint/no-duplicate-enum-values': 'error',
    '@typescript-eslint/no-misused-new': 'error',
    '@typescript-eslint/no-unsafe-declaration-merging': 'error',
  }
  return [
    ...common,
    { files, languageOptions: { ...languageOptions, parser: parser as Linter.Parser, sourceType: 'module' } },
    { files: typed, plugins: { '@typescript-eslint': plugin as unknown as ESLint.Plugin }, rules },
  ]
}

/** As Node does: what does not parse because it imports or exports is a module, whatever the project declares. */
function isAboutModules({ fatal, message }: Linter.LintMessage): boolean {
  return fatal === true && message.includes('sourceType: module')
}

function isFatal({ fatal }: Linter.LintMessage): boolean {
  return fatal === true
}

/** A comment in the sources names a rule of a plugin that the bundled configuration does not have. */
function isAboutStrangeRule({ message }: Linter.LintMessage): boolean {
  return /^Definition for rule .* not found\.$/.test(message)
}

function isModule(root: string): boolean {
  try {
    return JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).type === 'module'
  } catch {
    return false
  }
}

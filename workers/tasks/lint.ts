import { statSync } from 'node:fs'
import type { Context } from '../context.ts'
import { FatalError } from '../errors/steering.ts'
import type { Finding, LintResult } from '../lint/report.ts'
import { gitSchema } from '../sources/git.ts'
import { type Source, sourceOf } from '../sources/source.ts'

interface Input extends Source {
  readonly include?: readonly string[]
  readonly exclude?: readonly string[]
  readonly config?: string
  readonly failOn?: 'error' | 'warning' | 'never'
}

const count = { type: 'integer', minimum: 0 }
const place = { type: 'integer', minimum: 1 }
const finding = {
  type: 'object',
  required: ['file', 'line', 'column', 'rule', 'severity', 'message'],
  additionalProperties: false,
  properties: {
    file: { type: 'string' },
    line: place,
    column: place,
    rule: { type: 'string', description: '"syntax" where a file cannot be parsed' },
    severity: { enum: ['error', 'warning'] },
    message: { type: 'string' },
  },
}
const lintResultSchema = {
  type: 'object',
  required: ['files', 'errors', 'warnings', 'findings', 'truncated'],
  additionalProperties: false,
  properties: {
    files: { ...count, description: 'files that were looked at' },
    errors: count,
    warnings: count,
    findings: { type: 'array', items: finding },
    truncated: { type: 'boolean', description: 'there were more findings than these: the artifacts have all' },
  },
}

const pattern = { type: 'string', minLength: 1, maxLength: 500 }
const patterns = { type: 'array', maxItems: 100, items: pattern }

/** In the result and in the log; the artifacts have all. */
const shownFindings = 500
const progressEveryMs = 200

/** Looks for faults in JavaScript and TypeScript with ESLint, by the project's own configuration or a bundled one. */
export default {
  kind: 'lint',
  title: 'Lint sources',
  pool: 'critical',
  // What takes longest to load, and the same for all tasks.
  preload: [import.meta.resolve('eslint')],
  limits: { runSeconds: 900, memoryMiB: 1024 },
  input: {
    type: 'object',
    additionalProperties: false,
    minProperties: 1,
    properties: {
      upload: { type: 'string', format: 'upload', description: 'the id of an upload: an archive of sources' },
      path: { type: 'string', format: 'host-path', maxLength: 4_000, description: 'a directory of the machine' },
      git: gitSchema,
      include: patterns,
      exclude: patterns,
      config: { ...pattern, description: 'a configuration among the sources, or "bundled"' },
      failOn: { enum: ['error', 'warning', 'never'] },
    },
  },
  result: lintResultSchema,
  async run(context: Context<Input>): Promise<LintResult> {
    const { failOn = 'error' } = context.input
    context.progress({ phase: 'fetching', percent: null })
    const root = await rootOf(context)
    const { files, findings } = await lintAll(root, context)
    await publish(findings, context)
    const result = toResult(files, findings)
    if (isFailure(result, failOn)) throw failure(result)
    return result
  },
}

async function rootOf(context: Context<Input>): Promise<string> {
  const { upload, path, git } = context.input
  if ([upload, path, git].filter((place) => place !== undefined).length !== 1) {
    throw new FatalError('give one place of the sources: upload, path or git')
  }
  if (path === undefined) return sourceOf(context.input, context, { withLinks: false })
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return path
  throw new FatalError(`path: there is no directory ${path}`)
}

async function lintAll(root: string, context: Context<Input>): Promise<{ files: number; findings: Finding[] }> {
  const { include = [], exclude = [], config } = context.input
  const [{ SourceLinter }, { filesIn }] = await Promise.all([import('../lint/linter.ts'), import('../lint/files.ts')])
  const linter = SourceLinter.open(root, config)
  const wanted: string[] = []
  for (const file of filesIn(root, { include, exclude })) if (await linter.wants(file)) wanted.push(file)
  if (wanted.length === 0) throw new FatalError(nothingToLint)
  const findings: Finding[] = []
  let toldAt = 0
  for (const [done, file] of wanted.entries()) {
    context.signal.throwIfAborted()
    if (Date.now() - toldAt > progressEveryMs) {
      toldAt = Date.now()
      context.progress(progressOf(done, wanted.length, file))
    }
    findings.push(...(await linter.lint(file)))
  }
  context.progress(progressOf(wanted.length, wanted.length, ''))
  return { files: wanted.length, findings }
}

const nothingToLint = 'there is no file to lint here: check include and exclude, and what the configuration covers'

function progressOf(done: number, total: number, message: string) {
  const percent = Math.floor((100 * done) / total)
  return { phase: 'linting', percent, done, total, unit: 'files', ...(message && { message }) }
}

/** What people read goes to the log, what programs read becomes artifacts. */
async function publish(findings: readonly Finding[], context: Context<Input>): Promise<void> {
  const [{ toLine, toSarif }, { version }] = await Promise.all([
    import('../lint/report.ts'),
    import('../lint/linter.ts'),
  ])
  if (findings.length > 0) process.stdout.write(`${findings.slice(0, shownFindings).map(toLine).join('\n')}\n`)
  const encode = (value: unknown) => new TextEncoder().encode(JSON.stringify(value))
  await context.artifact('lint.json', encode(findings), { contentType: 'application/json' })
  await context.artifact('lint.sarif', encode(toSarif(findings, version)), { contentType: 'application/sarif+json' })
}

function toResult(files: number, findings: readonly Finding[]): LintResult {
  const count = (severity: Finding['severity']) => findings.filter((one) => one.severity === severity).length
  return {
    files,
    errors: count('error'),
    warnings: count('warning'),
    findings: findings.slice(0, shownFindings),
    truncated: findings.length > shownFindings,
  }
}

function isFailure({ errors, warnings }: LintResult, failOn: NonNullable<Input['failOn']>): boolean {
  if (failOn === 'never') return false
  return errors > 0 || (failOn === 'warning' && warnings > 0)
}

function failure({ files, errors, warnings }: LintResult): Error {
  const counts = `${errors} ${errors === 1 ? 'error' : 'errors'} and ${warnings} ${warnings === 1 ? 'warning' : 'warnings'}`
  return new FatalError(`${counts} in ${files} files: the log and the artifacts lint.json and lint.sarif have them`)
}

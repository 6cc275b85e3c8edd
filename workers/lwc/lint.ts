import { compile } from '@lwc/template-compiler'
import type { Finding } from '../lint/report.ts'
import { suppressionsIn } from '../lint/suppressions.ts'

/** The compiler's declarations name files that are not in its package. */
interface Diagnostic {
  readonly message: string
  readonly level: number
  readonly location?: { readonly line?: number; readonly column?: number }
}

/** Newer ways of writing are none of a linter's business: whether the org takes them, its API version decides. */
const allowed = { enableDynamicComponents: true, enableLwcOn: true, experimentalDynamicDirective: true }

/** Levels of the compiler: 0 and 1 stop a deployment, 2 is a warning, what is above is only said. */
const errorLevel = 1
const warningLevel = 2

/** What Salesforce's own compiler says of a template of a Lightning web component. */
export function lintTemplate(file: string, text: string): readonly Finding[] {
  const name =
    file
      .split('/')
      .at(-1)
      ?.replace(/\.html$/, '') ?? ''
  const { warnings } = compile(text, file, { ...allowed, name, namespace: 'c' }) as { warnings: readonly Diagnostic[] }
  const isSuppressed = suppressionsIn(text)
  return warnings
    .filter(({ level }) => level <= warningLevel)
    .map((diagnostic) => findingOf(file, diagnostic))
    .filter(({ line, rule }) => !isSuppressed(line, rule))
}

function findingOf(file: string, { message, level, location: { line = 1, column = 1 } = {} }: Diagnostic): Finding {
  const severity = level <= errorLevel ? 'error' : 'warning'
  return { file, line: Math.max(1, line), column: Math.max(1, column), rule: 'lwc/template', severity, message }
}

/** Files that a pipeline reads after a task has ended. */
import { appendFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, isAbsolute, relative, resolve, sep } from 'node:path'
import type { Mayfly } from '../../../client/client.ts'
import { TaskError } from '../../../client/errors.ts'
import type { Finding } from '../../../client/findings.ts'
import type { ContractTask } from '../../../contract/task.ts'
import { messageOf } from '../../../system/message.ts'
import { CommandError, UsageError } from '../exit.ts'
import type { Session } from '../session.ts'
import { version } from '../version.ts'
import { codeQualityOf } from './code-quality.ts'
import { findingsOf } from './findings.ts'
import { annotation, annotationsOf } from './github.ts'
import { junitOf } from './junit.ts'
import { fileOf } from './kept.ts'
import { summaryOf } from './markdown.ts'
import { basedSarif, sarifOf } from './sarif.ts'

/** Paths of what was asked for. */
export interface ReportOptions {
  readonly junit?: string
  readonly sarif?: string
  readonly codeQuality?: string
  readonly summary?: string
}

/** Before anything is submitted: a report that cannot be written is no surprise for the end of an hour. */
export function refuseNoPlace({ junit, sarif, codeQuality, summary }: ReportOptions): void {
  for (const path of [junit, sarif, codeQuality, summary]) {
    if (path === undefined) continue
    const directory = dirname(resolve(path))
    if (!statSync(directory, { throwIfNoEntry: false })?.isDirectory()) {
      throw new UsageError(`${path} cannot be written: there is no directory ${directory}`)
    }
    if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) {
      throw new UsageError(`${path} cannot be written: it is a directory`)
    }
  }
}

/**
 * Writes what was asked for, and tells the pipeline what it shows by itself. `sent` is the directory that the task looked
 * at, where it was sent. Throws CommandError for what cannot be written, after all else has been.
 */
export async function report(
  session: Session,
  task: ContractTask,
  options: ReportOptions,
  sent: string | undefined,
): Promise<void> {
  const { io, client, pipeline, out } = session
  const isGithub = pipeline === 'github'
  const { junit, sarif, codeQuality } = options
  const summary = options.summary ?? (isGithub ? io.env.GITHUB_STEP_SUMMARY : undefined)
  if (!isGithub && [junit, sarif, codeQuality, summary].every((path) => path === undefined)) return
  const base = baseOf(io.env, sent)
  const found = await findingsOf(client, task, base)
  const findings = found ?? []
  if (isGithub && !out.json) io.stdout.write(annotationsOf(findings) + failureOf(task, found))
  const faults = [
    ...write(junit, () => junitOf(task, findings)),
    ...write(codeQuality, () => JSON.stringify(codeQualityOf(findings))),
    ...write(summary, () => summaryOf(task, findings), appendFileSync),
  ]
  if (sarif !== undefined) {
    const text = JSON.stringify(await sarifFor(client, task, findings, base))
    faults.push(...write(sarif, () => text))
  }
  if (faults.length > 0) throw new CommandError(faults.join('\n'))
}

/** Where the findings say it all, another annotation would only repeat that there are some. */
function failureOf(task: ContractTask, findings: readonly Finding[] | undefined): string {
  if (task.state === 'succeeded' || findings?.some(({ severity }) => severity === 'error')) return ''
  const { code, message } = new TaskError(task)
  return annotation('error', `${message} (${code})`, { title: `${task.kind} ${task.state}` })
}

function write(
  path: string | undefined,
  text: () => string,
  put: (path: string, text: string) => void = writeFileSync,
): string[] {
  if (path === undefined) return []
  try {
    put(path, text())
    return []
  } catch (error) {
    return [`${path} could not be written: ${messageOf(error)}`]
  }
}

const sarifName = /\.sarif$/

/** The task's own, which knows its tool and rules, else one of its findings. */
async function sarifFor(
  client: Mayfly,
  task: ContractTask,
  findings: readonly Finding[],
  base: string,
): Promise<object> {
  const own = await fileOf(client, task, sarifName)
  try {
    if (own !== undefined) return basedSarif(own, base)
  } catch {
    // What a task calls SARIF need not be any.
  }
  return sarifOf(task.kind, version(), findings)
}

/** Where what was sent lies in the project, whose paths the pipeline knows; empty where it is the project, or no part of it. */
function baseOf(env: Session['io']['env'], sent: string | undefined): string {
  if (sent === undefined || !statSync(sent, { throwIfNoEntry: false })?.isDirectory()) return ''
  const project = env.GITHUB_WORKSPACE ?? env.CI_PROJECT_DIR ?? env.WORKSPACE ?? '.'
  const base = relative(resolve(project), resolve(sent))
  return base.startsWith('..') || isAbsolute(base) ? '' : base.replaceAll(sep, '/')
}

/** The files of a project that may be deployed: those that its .forceignore and common sense leave. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import ignore, { type Ignore } from 'ignore'
import { byName, isIncluded, matches, type Selection } from '../../sources/selection.ts'

/** No org takes them: tests and settings of tools beside components, and what version control and packaging leave. */
const neverDeployed = [
  '**/.*',
  '**/*.dup',
  '**/node_modules/**',
  '**/lwc/**/__tests__/**',
  '**/lwc/jsconfig.json',
  '**/lwc/tsconfig.json',
  '**/package2-descriptor.json',
  '**/package2-manifest.json',
]

/** Paths below the root, relative to it, in order; those below a directory of it. Links are not followed. */
export function* filesOf(root: string, below: string, selection: Selection): Generator<string> {
  const ignored = ignoredIn(root)
  for (const path of walk(root, below, ignored)) if (isSelected(path, selection)) yield path
}

function ignoredIn(root: string): Ignore {
  const rules = ignore().add(neverDeployed)
  try {
    return rules.add(readFileSync(join(root, '.forceignore'), 'utf8'))
  } catch {
    return rules
  }
}

function* walk(root: string, below: string, ignored: Ignore): Generator<string> {
  for (const entry of readdirSync(join(root, below), { withFileTypes: true }).sort(byName)) {
    const path = below === '' ? entry.name : `${below}/${entry.name}`
    if (entry.isDirectory() && !ignored.ignores(`${path}/`)) yield* walk(root, path, ignored)
    if (entry.isFile() && !ignored.ignores(path)) yield path
  }
}

function isSelected(path: string, { include, exclude }: Selection): boolean {
  return isIncluded(path, { include }) && !matches(path, exclude)
}

import { closeSync, constants, mkdirSync, openSync, realpathSync, writeSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import type { Context } from '../context.ts'
import { invalidInput } from '../errors/steering.ts'
import { isInside, isReallyInside } from './inside.ts'

/** Writes secrets to files that a command expects; they go with the workspace. `files`: path → name of a secret. */
export function writeSecretFiles(
  files: Readonly<Record<string, string>>,
  directory: string,
  { secrets, workspace }: Pick<Context<unknown>, 'secrets' | 'workspace'>,
): void {
  for (const [path, name] of Object.entries(files)) {
    secrets.use(name, (value) => write(placeOf(path, directory, workspace), value))
  }
}

/** Sources may bring links: where they lead decides, not how the path is written. */
function placeOf(path: string, directory: string, workspace: string): string {
  const wanted = resolve(directory, path)
  const parent = dirname(wanted)
  // Before anything is made: through a link, that would be outside.
  if (!isInside(parent, directory) || !isReallyInside(parent, workspace)) throw outside(path)
  mkdirSync(parent, { recursive: true })
  return join(realpathSync(parent), basename(wanted))
}

function write(path: string, value: Uint8Array): void {
  const { O_WRONLY, O_CREAT, O_TRUNC, O_NOFOLLOW } = constants
  const file = openSync(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, 0o600)
  try {
    for (let written = 0; written < value.length; ) written += writeSync(file, value, written)
  } finally {
    closeSync(file)
  }
}

function outside(path: string): Error {
  return invalidInput(`secretFiles: ${path} must be inside the directory of the command`)
}

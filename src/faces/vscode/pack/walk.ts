import type { Rules } from './rules.ts'

/** A folder of any file system, by paths relative to it with slashes. */
export interface Folder {
  /** Links are neither: nobody knows where they lead. */
  list(path: string): Promise<readonly { readonly name: string; readonly is: 'file' | 'folder' | 'other' }[]>
  read(path: string): Promise<Uint8Array<ArrayBuffer>>
}

const mostFiles = 20_000
const mostDepth = 64

export const tooMany = `there are more than ${mostFiles.toLocaleString('en-US')} files: leave some out with .gitignore or the setting “mayfly.exclude”`

/** The files that are wanted, in order. Throws when there are too many. */
export async function filesIn(folder: Folder, rules: Rules, signal: AbortSignal): Promise<readonly string[]> {
  const files: string[] = []
  await collect(folder, '', rules, files, signal, 0)
  return files
}

async function collect(
  folder: Folder,
  path: string,
  outer: Rules,
  files: string[],
  signal: AbortSignal,
  depth: number,
): Promise<void> {
  signal.throwIfAborted()
  if (depth > mostDepth) return
  const entries = (await folder.list(path)).toSorted((a, b) => (a.name < b.name ? -1 : 1))
  const rules = entries.some(({ name, is }) => name === '.gitignore' && is === 'file')
    ? outer.within(path, new TextDecoder().decode(await folder.read(joined(path, '.gitignore'))))
    : outer
  for (const { name, is } of entries) {
    const inner = joined(path, name)
    if (is === 'folder' && !rules.leaveOut(`${inner}/`)) await collect(folder, inner, rules, files, signal, depth + 1)
    if (is === 'file' && !rules.leaveOut(inner) && files.push(inner) > mostFiles) throw new Error(tooMany)
  }
}

function joined(path: string, name: string): string {
  return path === '' ? name : `${path}/${name}`
}

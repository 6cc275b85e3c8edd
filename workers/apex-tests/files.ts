/** In which file of the sources a class lies: found once, kept for later attempts. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import type { Context } from '../context.ts'
import { sourceOf } from '../sources/source.ts'
import type { FileOf } from './findings.ts'
import type { TestInput } from './input.ts'

const neverEntered = /(^|\/)(node_modules|\.git|\.sfdx|\.sf)(\/|$)/

export async function fileFinder(context: Context<TestInput>): Promise<FileOf> {
  const { input, kept } = context
  if (input.upload === undefined && input.git === undefined) return () => undefined
  const store = `${kept}/files.json`
  const files = read(store) ?? (await look(context))
  writeFileSync(store, JSON.stringify(files))
  return (name, kind) => {
    const bare = name.slice(name.lastIndexOf('.') + 1).toLowerCase()
    const key = `${bare}.${kind === 'class' ? 'cls' : 'trigger'}`
    return Object.hasOwn(files, key) ? files[key] : undefined
  }
}

type Files = Readonly<Record<string, string>>

function read(store: string): Files | undefined {
  try {
    return JSON.parse(readFileSync(store, 'utf8'))
  } catch {
    return undefined
  }
}

async function look(context: Context<TestInput>): Promise<Files> {
  context.progress({ phase: 'fetching', percent: null })
  const root = await sourceOf(context.input, context, { withLinks: false })
  const found = readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(cls|trigger)$/.test(entry.name))
    .map((entry) => ({ name: entry.name.toLowerCase(), path: relative(root, join(entry.parentPath, entry.name)) }))
    .map(({ name, path }) => [name, path.split(sep).join('/')] as const)
    .filter(([, path]) => !neverEntered.test(path))
  return Object.fromEntries(found)
}

/**
 * `npm pack` runs it first: what others import of Mayfly, as JavaScript with declarations, because Node strips no types
 * below `node_modules`.
 */
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { rolldown } from 'rolldown'
import { declarationsOf } from './declarations.ts'

const root = join(import.meta.dirname, '../..')
const into = join(root, process.argv[2] ?? 'dist')

/** `neutral`: whatever is neither in the module nor in every runtime is refused. */
const modules = [
  { name: 'client', entry: 'src/client/client.ts', platform: 'neutral' },
  { name: 'task', entry: 'workers/author.ts', platform: 'neutral' },
] as const

await rm(join(into, 'types'), { recursive: true, force: true })
for (const { name, entry, platform } of modules) await write(`${name}.js`, await bundle(entry, platform))
const declarations = declarationsOf(modules.map(({ entry }) => entry))
for (const [place, text] of declarations) await write(join('types', place), text)

async function bundle(entry: string, platform: 'neutral'): Promise<string> {
  const build = await rolldown({
    input: join(root, entry),
    platform,
    onLog(_level, log) {
      throw new Error(`${entry} cannot be bundled: ${log.message}`)
    },
  })
  const { output } = await build.generate({ format: 'esm', codeSplitting: false })
  await build.close()
  return output[0].code
}

async function write(place: string, text: string): Promise<void> {
  const path = join(into, place)
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, text)
}

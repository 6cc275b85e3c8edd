/** `npm run vscode:package`: the extension as one file, to be installed in an editor. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { extensionFiles, readManifest } from './extension-files.ts'
import { vsixOf } from './vsix.ts'

const root = fileURLToPath(new URL('../../../..', import.meta.url))
const folder = join(root, 'dist')
const manifest = await readManifest()
const vsix = vsixOf(manifest, await extensionFiles(manifest))
await mkdir(folder, { recursive: true })
const file = join(folder, `mayfly-${manifest.version}.vsix`)
await writeFile(file, vsix)
process.stdout.write(
  `${relative(root, file)}, ${Math.ceil(vsix.length / 1024)} KiB: code --install-extension ${relative(root, file)}\n`,
)

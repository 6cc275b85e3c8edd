import { readFile } from 'node:fs/promises'
import { bundle } from './bundle.ts'
import type { Files } from './vsix.ts'

const read = (path: string) => readFile(new URL(path, import.meta.url), 'utf8')

/** The manifest as the editor gets it: of one version with Mayfly, and without what only our own tools need of it. */
export async function readManifest() {
  const { type: _ours, ...manifest } = JSON.parse(await read('../package.json'))
  const { version } = JSON.parse(await read('../../../../package.json'))
  return { ...manifest, version }
}

/** All files of the extension, built anew. */
export async function extensionFiles(manifest: object): Promise<Files> {
  const [node, browser] = await Promise.all([bundle('node'), bundle('browser')])
  return {
    'package.json': `${JSON.stringify(manifest, null, 2)}\n`,
    'node.js': node,
    'browser.js': browser,
    'icon.svg': await read('../icon.svg'),
    'README.md': await read('../README.md'),
    'LICENSE.txt': await read('../../../../LICENSE'),
  }
}

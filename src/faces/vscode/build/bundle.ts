import { fileURLToPath } from 'node:url'
import { rolldown } from 'rolldown'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))

/** The extension for one kind of host, as one CommonJS module that needs nothing but the editor. */
export async function bundle(host: 'node' | 'browser'): Promise<string> {
  const build = await rolldown({
    input: here(`../${host}.ts`),
    platform: host,
    // `ws` would speed up what it does with two native modules, which an extension for all machines cannot bring.
    external: ['vscode', 'bufferutil', 'utf-8-validate'],
    resolve: { alias: host === 'browser' ? { 'node:util': here('browser-util.ts') } : {} },
    onLog(_level, log) {
      throw new Error(`the extension cannot be bundled: ${log.message}`)
    },
  })
  try {
    const { output } = await build.generate({ format: 'cjs', minify: true, codeSplitting: false })
    const [chunk, ...others] = output
    if (others.length > 0)
      throw new Error(`the extension became several files: ${others.map(({ fileName }) => fileName)}`)
    return chunk.code
  } finally {
    await build.close()
  }
}

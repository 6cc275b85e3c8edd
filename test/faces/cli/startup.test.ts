import { expect, it } from 'vitest'
import { mayfly } from './fixtures/cli.ts'

/** Says at the end which modules were loaded. */
const spy = `
import { registerHooks } from 'node:module'
const loaded = []
registerHooks({ load: (url, context, next) => (loaded.push(url), next(url, context)) })
process.on('exit', () => console.error(loaded.join('\\n')))
`

it('a command loads neither the settings of the server nor the packages of others', async () => {
  const NODE_OPTIONS = `--import=data:text/javascript,${encodeURIComponent(spy)}`
  const { stderr } = await mayfly(['version'], { env: { NODE_OPTIONS } })
  expect(stderr).toContain('src/faces/cli/cli.ts')
  expect(stderr).toContain('node_modules/commander/')
  expect(stderr).not.toMatch(/src\/(config|serve|process\/)|node_modules\/(?!commander\/)/)
})

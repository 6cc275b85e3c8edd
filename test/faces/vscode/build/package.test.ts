import { readdirSync, readFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { strFromU8, unzipSync } from 'fflate'
import { beforeAll, describe, expect, it } from 'vitest'
import { extensionFiles, readManifest } from '../../../../src/faces/vscode/build/extension-files.ts'
import { vsixOf } from '../../../../src/faces/vscode/build/vsix.ts'

const place = new URL('../../../../src/faces/vscode/', import.meta.url)
const read = (path: string) => readFileSync(new URL(path, place), 'utf8')
const { contributes } = JSON.parse(read('package.json'))

let files: Readonly<Record<string, string>>

beforeAll(async () => {
  const manifest = await readManifest()
  const entries = unzipSync(vsixOf(manifest, await extensionFiles(manifest)))
  files = Object.fromEntries(Object.entries(entries).map(([path, bytes]) => [path, strFromU8(bytes)]))
})

const moduleNames = (code = '') => [...code.matchAll(/\brequire\(\s*["'`]([^"'`]+)["'`]\s*\)/g)].map(([, name]) => name)

describe('the packaged extension', () => {
  it('is of the same version as Mayfly, in both of its manifests', () => {
    const { version } = JSON.parse(readFileSync(new URL('../../../package.json', place), 'utf8'))
    expect(JSON.parse(files['extension/package.json'] ?? '')).toMatchObject({ version, main: './node.js' })
    expect(files['extension.vsixmanifest']).toContain(`Id="mayfly" Version="${version}" Publisher="mayfly"`)
  })

  it('has every file that its manifests name, and a type for each', () => {
    const named = [...(files['extension.vsixmanifest'] ?? '').matchAll(/Path="([^"]+)"/g)].map(([, path]) => path ?? '')
    const { main, browser } = JSON.parse(files['extension/package.json'] ?? '')
    const own = [main, browser, './icon.svg'].map((path: string) => `extension/${path.slice(2)}`)
    expect(Object.keys(files)).toEqual(expect.arrayContaining([...named, ...own]))
    for (const path of Object.keys(files)) {
      const end = path.split('.').at(-1)
      if (!path.startsWith('[')) expect(files['[Content_Types].xml']).toContain(`Extension=".${end}"`)
    }
  })

  it('needs nothing but the editor in browsers, and on the desktop only what Node has', () => {
    expect(moduleNames(files['extension/browser.js'])).toEqual(['vscode'])
    const strange = moduleNames(files['extension/node.js']).filter((name) => !isBuiltin(name ?? ''))
    expect(strange.sort()).toEqual(['bufferutil', 'utf-8-validate', 'vscode'])
    expect((files['extension/browser.js'] ?? '').length).toBeLessThan(200_000)
  })
})

describe('the manifest', () => {
  const commands: readonly string[] = contributes.commands.map(({ command }: { command: string }) => command)

  it('names in its menus and views only commands that there are', () => {
    const menus = Object.values<{ command: string }[]>(contributes.menus).flat()
    const links = [...JSON.stringify(contributes.viewsWelcome).matchAll(/command:([\w.]+)/g)].map(
      ([, name]) => name ?? '',
    )
    expect([...menus.map(({ command }) => command), ...links].filter((name) => !commands.includes(name))).toEqual([])
  })

  it('offers what depends on the server only where it can do that', () => {
    const palette: { command: string; when: string }[] = contributes.menus.commandPalette
    const when = (name: string) => palette.find(({ command }) => command === `mayfly.${name}`)?.when
    expect(when('validateDeployment')).toContain('mayfly.can.deploy.validate')
    expect(when('runApexTests')).toContain('mayfly.can.apex.test')
  })

  it('keeps tokens out of settings', () => {
    expect(Object.keys(contributes.configuration.properties).filter((name) => /token|secret/i.test(name))).toEqual([])
  })
})

describe('the sources', () => {
  const sources = readdirSync(place, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'))

  it('know the editor only where they deal with it: all else runs without', () => {
    const knowing = sources.filter((file) => /from 'vscode'/.test(read(file)))
    expect(knowing.filter((file) => !file.startsWith('editor/'))).toEqual(['browser.ts', 'extension.ts', 'node.ts'])
  })

  it('use nothing of Node but where they are built', () => {
    expect(sources.filter((file) => !file.startsWith('build/') && /from 'node:/.test(read(file)))).toEqual([])
  })
})

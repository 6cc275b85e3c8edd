import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { Mayfly } from '../../../src/client/client.ts'
import { all } from '../../../src/client/pages.ts'
import { bundle } from '../../../src/faces/vscode/build/bundle.ts'
import { children, startMayfly, type TestMayfly } from '../../fixtures/mayfly.ts'
import { Desktop } from './fixtures/desktop.ts'

const kinds = [fileURLToPath(new URL('fixtures/kinds', import.meta.url)), children('common')]
let mayfly: TestMayfly
let folder: string
let program: string
let desktop: Desktop

beforeAll(async () => {
  program = await bundle('node')
  mayfly = await startMayfly({ config: { kinds } })
  await client().secrets.put('my-org', new TextEncoder().encode('an org to deploy to'))
  folder = mkdtempSync(join(tmpdir(), 'mayfly-desktop-'))
  mkdirSync(join(folder, 'classes'))
  writeFileSync(join(folder, 'classes/A.cls'), 'class A {}\n')
  writeFileSync(join(folder, 'bad.js'), 'nobody(1)\n')
})
afterAll(async () => {
  rmSync(folder, { recursive: true })
  await mayfly.remove()
})
beforeEach(() => {
  desktop = new Desktop(folder, { url: '', inputs: {}, exclude: [] })
})
afterEach(() => desktop.close())

const client = () => new Mayfly({ url: mayfly.url, token: mayfly.token })

async function connected(): Promise<void> {
  desktop.settings.url = mayfly.url
  desktop.keep(`mayfly.token ${mayfly.url}`, mayfly.token)
  await desktop.open(program)
  await desktop.until(
    () => desktop.contexts['mayfly.can.lint'] !== undefined && desktop.status.text.includes('running'),
  )
  await desktop.until(() => desktop.contexts['mayfly.can.lint'])
}

const saidOf = (text: string | RegExp) => desktop.said.find((said) => said.match(text))

describe('on the desktop, the extension', () => {
  it('connects with what somebody types, and keeps that only when it works', async () => {
    await desktop.open(program)
    expect(desktop.status.text).toBe('$(plug) Mayfly')
    desktop.answers.set('where is the server', `${mayfly.url}/`).set('a token for', 'not-the-token')
    await desktop.command('connect')
    expect(saidOf('does not know the token')).toBeDefined()
    expect(desktop.settings.url).toBe('')
    desktop.answers.set('a token for', ` ${mayfly.token} `)
    await desktop.command('connect')
    expect(desktop.settings.url).toBe(mayfly.url)
    await desktop.until(() => desktop.status.text.includes('0 running · 0 queued'))
    await desktop.command('signOut')
    expect(desktop.status.text).toBe('$(plug) Mayfly')
    await desktop.command('runTask')
    expect(saidOf('is not connected')).toBeDefined()
  })

  it('says what is wrong with the address in the settings, and that there is no token for it', async () => {
    await desktop.open(program)
    desktop.set('url', 'localhost:7070')
    await desktop.until(() => saidOf('the setting “mayfly.url” cannot be used: the address begins with http:// or'))
    desktop.set('url', 'http://127.0.0.1:7070')
    await desktop.until(() => saidOf('Mayfly has no token for http://127.0.0.1:7070.'))
  })

  it('says once that its token is no longer valid', async () => {
    const made = await mayfly.call('POST', '/tokens', { tenant: 'default', role: 'tenant' })
    const { id, token } = (await made.json()) as { id: string; token: string }
    desktop.settings.url = mayfly.url
    desktop.keep(`mayfly.token ${mayfly.url}`, token)
    await desktop.open(program)
    await desktop.until(() => desktop.status.text.includes('0 running'))
    await mayfly.call('DELETE', `/tokens/${id}`)
    await desktop.until(() => saidOf('does not know the token, or it has expired'))
    expect(desktop.said).toHaveLength(1)
    expect(desktop.status.text).toBe('$(error) Mayfly')
  })

  it('lints the folder, and shows what is found', async () => {
    await connected()
    await desktop.command('lintWorkspace')
    await desktop.until(() => saidOf(/lint …\w+ succeeded.*: 1 error and 0 warnings/))
    expect([...desktop.problems].map(([path, found]) => [path, found[0]?.message])).toEqual([
      [join(folder, 'bad.js'), "'nobody' is not defined."],
    ])
  })

  it('validates a deployment with what the kind’s schema asks for', async () => {
    await connected()
    expect(desktop.contexts['mayfly.can.deploy.validate']).toBe(true)
    desktop.answers.set('deploy.validate: testLevel', 'RunLocalTests').set('Which secret is its “org”?', 'my-org')
    await desktop.command('validateDeployment')
    await desktop.until(() => saidOf(/deploy\.validate …\w+ (succeeded|failed)/))
    expect(saidOf(/deploy\.validate …/)).toMatch(/succeeded.*1 error/)
    expect([...desktop.problems.keys()]).toEqual([join(folder, 'classes/A.cls')])
  })

  it('says in a sentence that a server has not the kind that is asked for', async () => {
    await connected()
    expect(desktop.contexts['mayfly.can.apex.test']).toBe(false)
    await desktop.command('runApexTests')
    expect(saidOf('this server has no kind apex.test: ask whoever runs it to add that')).toBeDefined()
  })

  it('follows again what it had started when it opens again, and tells how that ended', async () => {
    await connected()
    const { id } = await mayfly.submit({ kind: 'wait' })
    await desktop.command('attach', { id })
    desktop.close()
    expect((await mayfly.task(id)).state).not.toBe('cancelled')
    await desktop.open(program)
    await desktop.until(() => desktop.status.text.includes('1 running'))
    await desktop.command('cancelTask', { id })
    await desktop.until(() => saidOf(/wait …\w+ was cancelled/))
  })

  it('shows the same findings where they make the task fail, and when it is run again', async () => {
    desktop.settings.inputs = { lint: { failOn: 'error' } }
    await connected()
    await desktop.command('lintWorkspace')
    await desktop.until(() => saidOf(/lint …\w+ failed/))
    expect([...desktop.problems.keys()]).toEqual([join(folder, 'bad.js')])
    desktop.problems.clear()
    const [task] = await all(client().list({ kind: 'lint' }))
    await desktop.command('retryTask', task)
    await desktop.until(() => desktop.problems.size > 0)
  })

  it('shows a task, and explains it', async () => {
    await connected()
    const { id } = await mayfly.run({ kind: 'succeed' })
    await desktop.command('showTask', { id })
    expect(saidOf(`"id": "${id}"`)).toBeDefined()
    await desktop.command('explain', { id })
    expect(saidOf(/^state +succeeded/)).toBeDefined()
    await desktop.command('explain', { id: '01900000-0000-7000-8000-000000000000' })
    expect(desktop.said.at(-1)).toMatch(/^There is no .*\.\n$/i)
  })

  it('opens a log, and runs a task again', async () => {
    await connected()
    const { id } = await mayfly.run({
      kind: 'exec',
      input: { command: ['sh', '-c', 'printf "\\033[31mred\\033[0m\\n"; exit 3'] },
    })
    await desktop.command('openLog', { id })
    await desktop.until(() => desktop.log.some((line) => line.includes('failed')))
    expect(desktop.log).toContain('red\n')
    await desktop.command('retryTask', { id })
    await desktop.until(() => saidOf(/exec …\w+ failed/))
  })
})

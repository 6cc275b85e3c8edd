import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { Mayfly } from '../../../src/client/client.ts'
import { all } from '../../../src/client/pages.ts'
import { bundle } from '../../../src/faces/vscode/build/bundle.ts'
import { children, type TestMayfly } from '../../fixtures/mayfly.ts'
import { startSalesforce, type TestSalesforce } from '../../fixtures/salesforce.ts'
import { Desktop } from './fixtures/desktop.ts'

const test = '@IsTest\nclass ATest {\n  @IsTest static void works() { Assert.isTrue(true); }\n}\n'
const meta = '<ApexClass xmlns="http://soap.sforce.com/2006/04/metadata"><apiVersion>62.0</apiVersion></ApexClass>\n'

let salesforce: TestSalesforce
let mayfly: TestMayfly
let folder: string
let program: string
let desktop: Desktop

beforeAll(async () => {
  program = await bundle('node')
  salesforce = await startSalesforce({ config: { kinds: [children('common')] } })
  mayfly = salesforce.mayfly
  folder = mkdtempSync(join(tmpdir(), 'mayfly-desktop-'))
  mkdirSync(join(folder, 'app/classes'), { recursive: true })
  writeFileSync(join(folder, 'sfdx-project.json'), '{"packageDirectories": [{"path": "app"}]}')
  writeFileSync(join(folder, 'app/classes/ATest.cls'), test)
  writeFileSync(join(folder, 'app/classes/ATest.cls-meta.xml'), meta)
  writeFileSync(join(folder, 'bad.js'), 'nobody(1)\n')
})
afterAll(async () => {
  rmSync(folder, { recursive: true })
  await salesforce.close()
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

  it('validates a deployment with what the kind’s schema asks for, and shows what is wrong beside its line', async () => {
    salesforce.org('prod').deployRules.fail('ATest', { problem: 'no such field', lineNumber: 3, columnNumber: 7 })
    await connected()
    expect(desktop.contexts['mayfly.can.deploy.validate']).toBe(true)
    desktop.settings.inputs = { 'deploy.validate': { pollSeconds: 0.02 } }
    desktop.answers.set('deploy.validate: org', 'prod')
    await desktop.command('validateDeployment')
    await desktop.until(() => saidOf(/deploy\.validate …\w+ failed/))
    const problems = desktop.problems.get(join(folder, 'app/classes/ATest.cls'))
    expect(problems).toMatchObject([{ message: 'no such field', range: { values: [{ values: [2, 6] }, {}] } }])
  })

  it('runs Apex tests of the org, and shows those that failed beside their lines', async () => {
    const { metadata, deployRules } = salesforce.org('prod')
    metadata.add({ 'classes/ATest.cls': test })
    deployRules.failTest('ATest.works', { message: 'no', stackTrace: 'Class.ATest.works: line 3, column 5' })
    await connected()
    expect(desktop.contexts['mayfly.can.apex.test']).toBe(true)
    desktop.settings.inputs = { 'apex.test': { org: 'prod', pollSeconds: 0.02 } }
    await desktop.command('runApexTests')
    await desktop.until(() => saidOf(/apex\.test …\w+ failed/))
    const problems = desktop.problems.get(join(folder, 'app/classes/ATest.cls'))
    expect(problems).toMatchObject([{ message: 'works: no', range: { values: [{ values: [2, 4] }, {}] } }])
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

/** The extension as it is packaged, in a real workbench, as people use it. Pictures of it: `dist/screenshots`. */
import { afterAll, beforeAll, describe, expect, it, onTestFailed, vi } from 'vitest'
import { type Orchestrator, Site } from '../../journeys/support/orchestrator.ts'
import { startBrowser } from './fixtures/browser.ts'
import { Workbench } from './fixtures/workbench.ts'

const started = await startBrowser()
const reason = 'reason' in started ? started.reason : ''
if (reason) process.stderr.write(`skipped what needs a browser: ${reason}\n`)

const kinds = new URL('../../../src/faces/demo/kinds', import.meta.url).pathname
const files = {
  'src/good.js': 'export const one = 1\n',
  'src/bad.js': 'export function twice(number) {\n  return nubmer * 2\n}\n',
  'node_modules/big/index.js': 'this is not even JavaScript, and not sent',
  '.env': 'SECRET=not sent either\n',
}

let workbench: Workbench
let site: Site
let server: Orchestrator

beforeAll(async () => {
  if ('reason' in started) return
  workbench = await Workbench.serve(started.browser, files)
  site = await Site.create({ allowedOrigins: [workbench.origin], kinds: [kinds], askGraceSeconds: 0.3 })
  server = site.start()
  await Promise.all([server.listening, workbench.open()])
}, 60_000)

afterAll(async () => {
  if ('reason' in started) return
  await workbench.close()
  await started.browser.close()
  await server.kill()
})

const restart = async () => {
  server = site.start()
  await server.listening
}

describe.skipIf(reason)('in a real workbench, the extension', { timeout: 90_000 }, () => {
  it('connects', async () => {
    picturesOfFailure()
    await workbench.command('Mayfly: Connect')
    await workbench.answer('where is the server?', site.url)
    await workbench.answer('a token for', 'not-the-token')
    await workbench.notification('does not know the token').getByRole('button', { name: 'Try Again' }).click()
    await workbench.answer('a token for', site.token)
    await workbench.status('0 running · 0 queued').waitFor()
  })

  it('lints the workspace, and shows what is wrong in the Problems panel', async () => {
    picturesOfFailure()
    await workbench.command('Mayfly: Lint Workspace')
    await workbench
      .notification(/lint …\w+ succeeded.*2 errors/)
      .getByRole('button', { name: 'Show Problems' })
      .click()
    await workbench.problem("'nubmer' is not defined").waitFor()
    await workbench.problem('bad.js').first().waitFor()
    await workbench.shot('problems')
    expect(await workbench.problem('big').count()).toBe(0)
  })

  it('runs a task with what it asks for, and watches it through a server that is killed and started again', async () => {
    picturesOfFailure()
    await workbench.page.locator('.activitybar').getByRole('tab', { name: 'Mayfly' }).click()
    await workbench.command('Mayfly: Run Task')
    await workbench.choose('run a task', 'count')
    await workbench.answer('count: to', '120')
    await workbench.row(/count …\w+.*[1-9]\d%/).waitFor()
    await workbench.shot('progress')
    await server.kill()
    await workbench.status('Mayfly offline').waitFor()
    await workbench.page.locator('.sidebar .message', { hasText: 'does not answer any more' }).waitFor()
    await workbench.shot('offline')
    await restart()
    await workbench.status('Mayfly offline').click()
    await workbench.status('1 running').waitFor()
    await workbench.notification(/count …\w+ succeeded/).waitFor()
    await workbench.row(/count …\w+.*succeeded/).waitFor()
    await workbench.shot('succeeded')
  })

  it('opens a log, which follows its task, and closes and opens again without ending it', async () => {
    picturesOfFailure()
    await workbench.command('Mayfly: Run Task')
    await workbench.choose('run a task', 'count')
    await workbench.answer('count: to', '2000')
    await workbench.row(/count …\w+.*1%/).waitFor()
    // A click just when the row is drawn anew is lost, or waits for a row that is gone.
    await vi.waitFor(
      async () => {
        await workbench.row(/count …\w+.*%/).click({ timeout: 3_000 })
        await workbench.line('running').waitFor({ timeout: 3_000 })
      },
      { timeout: 40_000 },
    )
    await workbench.shot('log')
    await workbench.open()
    await workbench.status('1 running').waitFor()
    await workbench.shot('again')
    const watched = workbench.notification(/Mayfly: count …/)
    await watched.waitFor()
    await watched.hover()
    await watched.getByRole('button', { name: 'Cancel' }).click()
    const question = workbench.notification('or cancel it?')
    // Which it can once it has come to rest.
    await question.getByRole('button', { name: 'Stop Watching' }).hover()
    await workbench.shot('question')
    await workbench.status('1 running').waitFor()
    await question.getByRole('button', { name: 'Cancel Task' }).click()
    await workbench.notification(/count …\w+ was cancelled/).waitFor()
    await workbench.status('0 running').waitFor()
  })

  it('runs without a fault of its own', () => {
    expect(workbench.complaints.filter((text) => /TypeError|ReferenceError|Activating extension/.test(text))).toEqual(
      [],
    )
  })
})

function picturesOfFailure(): void {
  onTestFailed(async () => {
    await workbench.shot('failed')
    process.stderr.write(`${workbench.complaints.slice(-10).join('\n')}\n`)
  })
}

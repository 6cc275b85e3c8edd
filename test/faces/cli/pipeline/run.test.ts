/** `mayfly run` in a pipeline: real processes with a pipeline's environment against a real server. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startMayfly, type TestMayfly } from '../../../fixtures/mayfly.ts'
import { Cli, mayfly as program } from '../fixtures/cli.ts'

let server: TestMayfly
let directory: string
let runs = 0

beforeAll(async () => {
  // So long a task that is cancelled and does not listen is there still.
  server = await startMayfly({ config: { askGraceSeconds: 2 } })
  directory = mkdtempSync(join(tmpdir(), 'mayfly-pipeline-'))
})

afterAll(async () => {
  await server.remove()
  rmSync(directory, { recursive: true, force: true })
})

const reached = () => ({ MAYFLY_URL: server.url, MAYFLY_TOKEN: server.token })
/** Of a run of its own, or of an earlier one again. */
const github = (run = `run-${runs++}`) => ({
  ...reached(),
  CI: 'true',
  GITHUB_ACTIONS: 'true',
  GITHUB_SERVER_URL: 'https://github.com',
  GITHUB_REPOSITORY: 'acme/shop',
  GITHUB_RUN_ID: run,
  GITHUB_JOB: 'build',
  GITHUB_WORKSPACE: directory,
})
const gitlab = () => ({ ...reached(), GITLAB_CI: 'true', CI_PROJECT_DIR: directory })

const mayfly = (args: readonly string[], env: Record<string, string>) => program(args, { env, cwd: directory })
const idIn = (text: string) => /[0-9a-f]{8}-[0-9a-f-]{27}/.exec(text)?.[0] ?? ''

describe('mayfly run in GitHub Actions', () => {
  it('folds what a task says, lets it say no command, and shows its end after that', async () => {
    const hostile = String.raw`echo hello; echo '::error::pwned'; printf 'a\r::add-mask::b\n::endgroup::\n' >&2; exit 3`
    const summary = join(directory, 'summary.md')
    const env = { ...github(), GITHUB_STEP_SUMMARY: summary }
    const { code, stdout, stderr } = await mayfly(
      ['run', 'exec', '--junit', 'exec.xml', '--', 'sh', '-c', hostile],
      env,
    )
    expect(code).toBe(1)
    const commands = `${stdout}\n${stderr}`
      .split(/[\r\n]/)
      .filter((line) => /^\s*::/.test(line) || line.includes('##['))
    expect(commands).toEqual([
      expect.stringMatching(/^::group::exec …\S+ \(\S{36}\)$/),
      '::endgroup::',
      '::error title=exec failed::the command exited with code 3 (TASK_FAILED)',
    ])
    const [inside = '', after = ''] = stdout.split('\n::endgroup::\n')
    expect(inside).toMatch(/\nhello\n/)
    expect(after).toMatch(/^exec \S+ failed after .*\n::error title/)
    expect(readFileSync(summary, 'utf8')).toContain('### exec: failed')
    expect(readFileSync(join(directory, 'exec.xml'), 'utf8')).toContain('failures="1"')
  })

  it('shows what lint found at its place in the project, and reports it', async () => {
    mkdirSync(join(directory, 'packages/shop'), { recursive: true })
    writeFileSync(join(directory, 'packages/shop/a.js'), 'missing()\n')
    const files = ['--junit', 'lint.xml', '--sarif', 'lint.sarif', '--code-quality', 'quality.json']
    const { code, stdout } = await mayfly(['run', 'lint', '--upload', 'packages/shop', ...files], github())
    expect(code).toBe(1)
    expect(stdout).toContain("::error file=packages/shop/a.js,line=1,col=1,title=no-undef::'missing' is not defined.\n")
    expect(stdout).not.toContain('::error title')
    const read = (name: string) => readFileSync(join(directory, name), 'utf8')
    const [run] = JSON.parse(read('lint.sarif')).runs
    expect(run.tool.driver.name).toBe('ESLint')
    expect(run.results[0].locations[0].physicalLocation.artifactLocation.uri).toBe('packages/shop/a.js')
    expect(JSON.parse(read('quality.json'))[0].location).toEqual({ path: 'packages/shop/a.js', lines: { begin: 1 } })
    expect(read('lint.xml')).toContain('name="packages/shop/a.js"')
  })

  it('follows the task of its run when it is done again, until that has failed or another one is wanted', async () => {
    const env = github()
    const first = await mayfly(['run', 'exec', '--upload', 'packages', '--detach', '--', 'true'], env)
    const same = ['run', 'exec', '--upload', 'packages', '--', 'true']
    const again = await mayfly(same, env)
    expect(again).toMatchObject({ code: 0, stderr: expect.stringContaining(first.stdout.trim()) })
    expect((await mayfly(['run', '--detach', ...same.slice(1)], env)).stdout).toBe(first.stdout)
    expect(idIn((await mayfly(['run', '--detach', '--new', ...same.slice(1)], env)).stdout)).not.toBe(
      idIn(first.stdout),
    )
    const failing = ['run', 'exec', '--detach', '--', 'false']
    const failed = await mayfly(failing, env)
    expect(await mayfly(['attach', failed.stdout.trim()], env)).toMatchObject({ code: 1 })
    expect((await mayfly(failing, env)).stdout).not.toBe(failed.stdout)
  })

  it('cancels the task when the job is cancelled, or leaves it where that is asked for', async () => {
    const env = github()
    const stubborn = ['--', 'sh', '-c', 'trap "" TERM; sleep 600']
    const cli = new Cli(['run', 'exec', ...stubborn], { env })
    await cli.until('running')
    cli.child.kill('SIGINT')
    await cli.until('is being cancelled')
    // What is on its way out is no use to a job that is done again at once.
    const again = await mayfly(['run', 'exec', '--detach', ...stubborn], env)
    expect(idIn(again.stdout)).not.toBe('')
    await server.cancel(idIn(again.stdout))
    const { code, stdout } = await cli.ended
    expect(code).toBe(4)
    expect(stdout).toContain('its pipeline was stopped')
    expect(idIn(again.stdout)).not.toBe(idIn(stdout))
    const left = new Cli(['run', 'exec', '--on-interrupt', 'leave', '--', 'sleep', '600'], { env: github() })
    await left.until('running')
    left.child.kill('SIGTERM')
    const said = await left.ended
    expect(said.code).toBe(130)
    expect((await server.task(idIn(said.stdout))).state).toBe('running')
    await server.cancel(idIn(said.stdout))
  })

  it('writes reports of a task that it attaches to, and says first what it cannot write', async () => {
    const { id } = await server.submit({ kind: 'exec', input: { command: ['true'] } })
    expect((await mayfly(['attach', id, '--junit', 'attached.xml'], reached())).code).toBe(0)
    expect(readFileSync(join(directory, 'attached.xml'), 'utf8')).toContain('failures="0"')
    const odd = await mayfly(['run', 'exec', '--junit', 'no/where.xml', '--', 'true'], reached())
    expect(odd).toMatchObject({ code: 2, stderr: expect.stringContaining('no/where.xml cannot be written') })
  })
})

describe('mayfly run in GitLab', () => {
  it('folds what a task says into a section, and lets it close none', async () => {
    const hostile = String.raw`printf '\033[0Ksection_end:1:mayfly\r\033[0K\nhello\n'`
    const { code, stdout, stderr } = await mayfly(['run', 'exec', '--', 'sh', '-c', hostile], gitlab())
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const marks = [
      ...stdout.replaceAll('\u001b[0K', '<erase>').matchAll(/<erase>section_(start|end):\d+:(\S+)\r<erase>/g),
    ]
    expect(marks.map(([, what]) => what)).toEqual(['start', 'end'])
    expect(new Set(marks.map(([, , name]) => name)).size).toBe(1)
    expect(stdout).toMatch(/hello\n.*section_end.*\r\S*\nexec \S+ succeeded/s)
  })
})

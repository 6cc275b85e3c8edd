/**
 * The pipelines of `config/examples/`: what their jobs run, taken out of them and run as their runners would, against a
 * real server that trusts a real issuer. Only what gets Mayfly onto a runner is done by stand-ins.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import type { ContractTask } from '../../src/contract/task.ts'
import { isInstalled } from '../fixtures/installed.ts'
import { type Issuer, startIssuer } from '../fixtures/issuer.ts'
import { bin, type Orchestrator, Site } from './support/orchestrator.ts'

const example = (name: string) => readFileSync(new URL(`../../config/examples/${name}`, import.meta.url), 'utf8')

let directory: string
let project: string
let issuer: Issuer
let site: Site
let orchestrator: Orchestrator

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'mayfly-pipelines-'))
  project = join(directory, 'project')
  mkdirSync(join(directory, 'bin'))
  mkdirSync(project)
  writeFileSync(join(project, 'a.js'), 'export const a = 1\n')
  writeFileSync(join(project, 'package.json'), JSON.stringify({ type: 'module', scripts: { test: 'echo tested' } }))
  putOnPath('mayfly', `exec '${process.execPath}' '${bin}' "$@"`)
  putOnPath('git', 'for last; do :; done; echo "git $*" >> "$INSTALLED"; mkdir -p "$last"')
  putOnPath('npm', 'echo "npm $*" >> "$INSTALLED"')
  issuer = await startIssuer()
  site = await Site.create({})
  const trust = (audience: string, claims: object) => ({
    issuer: issuer.url,
    audience,
    allow: [{ claims, tenant: 'acme' }],
  })
  site.configure({ oidc: [trust(site.url, { repository: 'acme/shop' })], sharedSlots: 4 })
  await start()
  await site.json('POST', '/v1/tenants', { name: 'acme' })
})

afterAll(async () => {
  await orchestrator.kill()
  await issuer.stop()
  rmSync(directory, { recursive: true, force: true })
})

async function start(): Promise<void> {
  orchestrator = site.start()
  await orchestrator.listening
}

function putOnPath(program: string, script: string): void {
  writeFileSync(join(directory, 'bin', program), `#!/bin/sh\n${script}\n`, { mode: 0o755 })
}

const installed = () => readFileSync(join(directory, 'installed'), 'utf8')

/** Runs a step as the runner does: with this shell, in the project, and with these variables alone. */
async function run(shell: readonly string[], script: string, env: Record<string, string>) {
  const [program = '', ...flags] = shell
  const child = spawn(program, [...flags, script], {
    cwd: project,
    env: {
      PATH: `${join(directory, 'bin')}:${process.env.PATH}`,
      HOME: directory,
      INSTALLED: join(directory, 'installed'),
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  expect({ code, said: code === 0 ? '' : stdout + stderr }).toEqual({ code: 0, said: '' })
  return stdout
}

async function newest(tenant: string, kind: string): Promise<ContractTask | undefined> {
  const answer = await site.request('GET', `/v1/tasks?kind=${kind}&limit=1`, undefined, { 'mayfly-tenant': tenant })
  return ((await answer.json()) as { items: ContractTask[] }).items[0]
}

interface Step {
  readonly id?: string
  readonly name?: string
  readonly run?: string
  readonly uses?: string
  readonly env?: Record<string, string>
  readonly with?: Record<string, string>
}

interface Workflow {
  readonly permissions: Record<string, string>
  readonly env: Record<string, string>
  readonly jobs: Record<string, { readonly steps: readonly Step[] }>
}

describe.skipIf(!isInstalled('bash'))('the example', () => {
  it('of GitHub Actions runs without a stored secret, and once for a run that is done again', async () => {
    const workflow: Workflow = parse(example('github-actions.yml'))
    expect(workflow.permissions['id-token']).toBe('write')
    const temp = join(directory, 'temp')
    mkdirSync(temp)
    const tasks: string[] = []
    for (const attempt of ['1', '2']) {
      const outputs = join(directory, `outputs-${attempt}`)
      const known: Record<string, string> = {
        'vars.MAYFLY_URL': site.url,
        'vars.MAYFLY_SOURCE': '/source',
        'runner.temp': temp,
      }
      const filled = (values: Record<string, string> = {}) =>
        Object.fromEntries(Object.entries(values).map(([name, value]) => [name, fill(value, known)]))
      for (const [job, { steps }] of Object.entries(workflow.jobs)) {
        for (const [at, step] of steps.entries()) {
          if (step.run === undefined) continue
          await run(['bash', '--noprofile', '--norc', '-eo', 'pipefail', '-c'], step.run, {
            CI: 'true',
            GITHUB_ACTIONS: 'true',
            GITHUB_SERVER_URL: 'https://github.com',
            GITHUB_REPOSITORY: 'acme/shop',
            GITHUB_RUN_ID: '77',
            GITHUB_RUN_ATTEMPT: attempt,
            GITHUB_JOB: job,
            GITHUB_ACTION: `__run_${at}`,
            GITHUB_WORKSPACE: project,
            GITHUB_OUTPUT: outputs,
            GITHUB_STEP_SUMMARY: join(directory, 'summary.md'),
            RUNNER_TEMP: temp,
            ACTIONS_ID_TOKEN_REQUEST_URL: `${issuer.url}/token?api-version=2.0`,
            ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'ask-me',
            ...filled(workflow.env),
            ...filled(step.env),
          })
          const [, name, value = ''] = existsSync(outputs)
            ? (/^(\w+)=(.*)$/m.exec(readFileSync(outputs, 'utf8')) ?? [])
            : []
          if (step.id !== undefined) known[`steps.${step.id}.outputs.${name}`] = value
        }
        tasks.push((await newest('acme', 'lint'))?.id ?? '', (await newest('acme', 'exec'))?.id ?? '')
      }
    }
    expect(tasks.slice(0, 2)).toEqual(tasks.slice(2))
    expect((await newest('acme', 'exec'))?.state).toBe('succeeded')
    expect(readFileSync(join(directory, 'summary.md'), 'utf8')).toContain('### lint: succeeded')
    expect(JSON.parse(readFileSync(join(temp, 'lint.sarif'), 'utf8')).version).toBe('2.1.0')
    expect(readFileSync(join(temp, 'tests.xml'), 'utf8')).toContain('failures="0"')
    expect(installed()).toMatch(/git clone .*\/source .*\nnpm ci .*\nnpm link/)
  })

  it('of GitLab CI runs without a stored secret, and leaves the reports that it names', async () => {
    const { '.mayfly': common, ...jobs } = parse(example('gitlab-ci.yml'))
    expect(common.id_tokens.MAYFLY_ID_TOKEN.aud).toBe(common.variables.MAYFLY_URL)
    expect(common.timeout).toBeDefined()
    for (const [job, { script, artifacts }] of Object.entries<GitlabJob>(jobs)) {
      await run(['bash', '-eo', 'pipefail', '-c'], [...common.before_script, ...script].join('\n'), {
        ...common.variables,
        CI: 'true',
        GITLAB_CI: 'true',
        CI_SERVER_URL: 'https://gitlab.com',
        CI_PROJECT_PATH: 'acme/shop',
        CI_PIPELINE_ID: '5',
        CI_JOB_NAME: job,
        CI_JOB_ID: `${process.pid}`,
        CI_PROJECT_DIR: project,
        MAYFLY_SOURCE: '/source',
        // What the runner would give it, at the server that there is here.
        MAYFLY_URL: site.url,
        MAYFLY_ID_TOKEN: await issuer.sign({ aud: site.url }),
      })
      for (const report of Object.values(artifacts.reports)) expect(existsSync(join(project, report))).toBe(true)
    }
    rmSync(`/tmp/mayfly-${process.pid}`, { recursive: true, force: true })
    expect((await newest('acme', 'exec'))?.state).toBe('succeeded')
    expect(JSON.parse(readFileSync(join(project, 'quality.json'), 'utf8'))).toEqual([])
  })

  it('of Jenkins runs with a token among its credentials', async () => {
    const file = example('Jenkinsfile')
    const stages = [...file.matchAll(/stage\('(\w+)'\) \{[^{}]*steps \{ sh '([^']+)' \}/g)]
    expect(stages.map(([, name]) => name)).toEqual(['Lint', 'Tests'])
    expect(file).toContain("MAYFLY_TOKEN = credentials('mayfly-token')")
    const { token } = await site.json<{ token: string }>('POST', '/v1/tokens', { tenant: 'acme' })
    for (const [, stage = '', script = ''] of stages) {
      const said = await run(['sh', '-xec'], script, {
        JENKINS_URL: 'http://jenkins.example.com/',
        JOB_NAME: 'shop',
        BUILD_NUMBER: '7',
        STAGE_NAME: stage,
        WORKSPACE: project,
        MAYFLY_URL: site.url,
        MAYFLY_TOKEN: token,
      })
      expect(said).not.toContain('::')
    }
    const reports = /junit '([^']+)'/.exec(file)?.[1]?.split(', ') ?? []
    expect(reports.map((report) => existsSync(join(project, report)))).toEqual([true, true])
  })
})

interface GitlabJob {
  readonly script: readonly string[]
  readonly artifacts: { readonly reports: Record<string, string> }
}

/** What the runner knows of `${{ … }}`; anything else is not for a test to guess. */
function fill(value: string, known: Readonly<Record<string, string>>): string {
  return value.replaceAll(/\$\{\{ *([\w.]+) *\}\}/g, (_, name: string) => {
    if (known[name] === undefined) throw new Error(`nobody knows ${name}`)
    return known[name]
  })
}

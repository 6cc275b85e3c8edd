import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { newTaskId } from '../../../src/system/ids.ts'
import { type Emulator, startEmulator } from '../../emulator/emulator.ts'
import { children } from '../../fixtures/mayfly.ts'
import { callersOf } from '../../http/fixtures/callers.ts'
import { type Orchestrator, Site } from '../../journeys/support/orchestrator.ts'
import { type Agent, agent, transports } from './fixtures/agent.ts'

const canary = 'correct-horse-battery-staple'

let site: Site
let emulator: Emulator
let orchestrator: Orchestrator
let gates: string
let owner: { url: string; token: string }
let stranger: { url: string; token: string }

beforeAll(async () => {
  gates = mkdtempSync(join(tmpdir(), 'mayfly-gates-'))
  site = await Site.create({
    // A sandbox would not see the gates.
    isolation: { atMost: 1 },
    kinds: [children('agents')],
    sharedSlots: 4,
    allowSecretsInCommands: true,
    stopGraceSeconds: 0,
    logLevel: 'warn',
    retainDays: 2,
  })
  await start()
  const { tenant, token, call } = callersOf({ url: site.url, token: site.token })
  for (const name of ['owner', 'stranger']) await tenant(name)
  owner = { url: site.url, token: (await token({ tenant: 'owner', role: 'tenant' })).token }
  stranger = { url: site.url, token: (await token({ tenant: 'stranger', role: 'tenant' })).token }
  await call(owner.token, 'PUT', '/v1/secrets/password', { value: canary })
  emulator = await startEmulator({ orgs: [{ name: 'prod' }] })
  const value = emulator.org('prod').login('refreshToken')
  await call(owner.token, 'PUT', `/v1/secrets/${encodeURIComponent('org/prod/login')}`, { value })
})
afterAll(async () => {
  await orchestrator.kill()
  await emulator.close()
  rmSync(gates, { recursive: true, force: true })
})
/** It says nothing at this level: it is up when it answers. */
async function start(): Promise<void> {
  orchestrator = site.start()
  while (!(await fetch(`${site.url}/healthz`).catch(() => undefined))?.ok) await sleep(20)
}

let gate = 0
const newGate = () => join(gates, String(gate++))
const open = (path: string) => writeFileSync(path, '')

describe.each(transports)('an agent over %s', (over) => {
  let mine: Agent
  let foreign: Agent
  beforeAll(async () => {
    ;[mine, foreign] = await Promise.all([agent(over, owner), agent(over, stranger)])
  })
  afterAll(() => Promise.all([mine.close(), foreign.close()]))

  it('finds tools that say what they take, what they answer, and what they do', async () => {
    const { client } = mine
    const { tools } = await client.listTools()
    expect(tools.map(({ name }) => name)).toEqual([
      'task_kinds',
      'task_submit',
      'task_status',
      'task_wait',
      'task_result',
      'task_logs',
      'task_explain',
      'task_cancel',
      'task_list',
      'salesforce_backup',
      'salesforce_backup_status',
      'salesforce_backup_list',
    ])
    for (const { name, inputSchema, outputSchema, annotations, description } of tools) {
      expect([inputSchema.type, outputSchema?.type], name).toEqual(['object', 'object'])
      expect(description?.length, name).toBeGreaterThan(30)
      expect(annotations?.readOnlyHint, name).toBe(!/_(submit|cancel|backup)$/.test(name))
    }
    const named = (wanted: string) => tools.find(({ name }) => name === wanted)
    expect(named('task_cancel')?.annotations).toMatchObject({ destructiveHint: true, idempotentHint: true })
    expect(named('task_submit')?.inputSchema.required).toEqual(['kind', 'input'])
    expect(named('task_submit')?.execution).toEqual({ taskSupport: 'optional' })
    expect(client.getInstructions()).toContain('task_kinds')
  })

  it('submits, is told how far it is while it waits, and gets the result, the files and the log', async () => {
    const { call, task, refusal } = mine
    const path = newGate()
    const { kinds } = (await call('task_kinds', { kind: 'gate' })).value as { kinds: { input: object }[] }
    expect(kinds).toMatchObject([{ kind: 'gate', input: { required: ['path'] } }])
    const { id } = await task('task_submit', { kind: 'gate', input: { path }, labels: { for: over } })
    expect((await task('task_wait', { id, seconds: 0 })).state).not.toBe('succeeded')
    expect(await refusal('task_result', { id })).toMatch(/^the task is \w+ and has no result yet: call task_wait first/)
    const told: string[] = []
    const waited = await call('task_wait', { id, seconds: 30 }, (words) => {
      told.push(words)
      if (words.startsWith('running: waiting, 50 %')) open(path)
    })
    expect(waited.value).toMatchObject({ id, state: 'succeeded' })
    expect(told).toContain('running: waiting, 50 %, 1/2 steps')
    const result = await task('task_result', { id })
    expect(result).toMatchObject({ result: { waited: true }, artifacts: [{ name: 'report.txt', bytes: 11 }] })
    expect(JSON.stringify(result)).not.toContain(path)
    expect((await call('task_logs', { id })).text).toBe('it is there\n[this is all that it has said so far]')
    expect((await call('task_explain', { id })).value).toMatchObject({ state: 'succeeded', blockedBy: [] })
    const { tasks } = (await call('task_list', { label: `for:${over}`, limit: 5 })).value as { tasks: object[] }
    expect(tasks).toMatchObject([{ id, state: 'succeeded', labels: { for: over } }])
  })

  it('cancels', async () => {
    const { task, refusal } = mine
    const { id } = await task('task_submit', { kind: 'gate', input: { path: newGate() } })
    await task('task_cancel', { id, reason: 'enough' })
    expect(await task('task_wait', { id })).toMatchObject({ state: 'cancelled', error: { code: 'CANCELLED' } })
    expect(await refusal('task_cancel', { id })).toMatch(/\(CONFLICT\)$/)
  })

  it('never sees a secret, whatever a task does with it', async () => {
    const { call, task } = mine
    const input = { command: ['sh', '-c', 'echo "$P"; echo "$P" >&2; exit 3'], secretEnv: { P: 'mine' } }
    const { id } = await task('task_submit', { kind: 'exec', input, secrets: { mine: 'vault:password' } })
    const said: string[] = []
    for (const name of ['task_wait', 'task_status', 'task_result', 'task_logs', 'task_explain', 'task_list']) {
      said.push((await call(name, name === 'task_list' ? {} : { id })).text)
    }
    expect(said[2]).toContain('"exitCode":3')
    expect(said[3]).toContain('***')
    expect(said.join('\n')).not.toContain(canary)
    expect(said.join('\n')).not.toContain('vault:')
  })

  it('is told in one sentence what is wrong', async () => {
    const { refusal, client, asTask } = mine
    const path = newGate()
    expect(await refusal('task_submit', { kind: 'nope', input: {} })).toMatch(
      /there is no kind nope; .*\(UNKNOWN_KIND\)$/,
    )
    expect(await refusal('task_submit', { kind: 'gate', input: { path: 3 } })).toBe(
      'path must be a string (INVALID_INPUT)',
    )
    expect(await refusal('task_submit', { kind: 'gate' })).toBe('input is missing (INVALID_ARGUMENTS)')
    expect(await refusal('task_submit', { kind: 'gate', input: { path }, priority: 9e9 })).toMatch(/^priority must be/)
    expect(await refusal('task_wait', { id: newTaskId(), seconds: 51 })).toMatch(/^seconds must be at most 50/)
    expect(await refusal('task_status', { id: '../x' })).toMatch(/^there is no task with this id/)
    expect(await refusal('task_kinds', { kind: 'nope' })).toMatch(/^there is no kind nope: there are .*gate/)
    expect(await refusal('task_list', { cursor: 'x' })).toMatch(/^cursor must be/)
    await expect(client.callTool({ name: 'nothing', arguments: {} })).rejects.toThrow('there is no tool "nothing"')
    await expect(asTask('task_submit', { kind: 'nope', input: {} })).rejects.toThrow('there is no kind nope')
    await expect(asTask('task_submit', { kind: 'gate' })).rejects.toThrow('input is missing')
  })

  it('knows a task of another tenant as little as one that never was', async () => {
    const { id } = await mine.task('task_submit', { kind: 'gate', input: { path: newGate() } })
    for (const name of ['task_status', 'task_wait', 'task_result', 'task_logs', 'task_explain', 'task_cancel']) {
      const answer = await foreign.refusal(name, { id })
      expect(answer, name).toMatch(/\(NOT_FOUND\)$/)
      expect(answer, name).toBe(await foreign.refusal(name, { id: newTaskId() }))
    }
    const { tasks } = foreign.client.experimental
    await expect(tasks.getTask(id)).rejects.toThrow('there is no task with this id')
    await expect(tasks.cancelTask(id)).rejects.toThrow('there is no task with this id')
    await expect(foreign.result(id)).rejects.toThrow('there is no task with this id')
    expect((await tasks.listTasks()).tasks).toEqual([])
    expect((await mine.client.experimental.tasks.cancelTask(id)).status).toBe('cancelled')
  })

  it('makes backups by the names that it knows', async () => {
    const { task, call, refusal, client } = mine
    const { tools } = await client.listTools()
    const input = tools.find(({ name }) => name === 'salesforce_backup')?.inputSchema
    expect(Object.keys(input?.properties ?? {})).toEqual(expect.arrayContaining(['org', 'mode', 'idempotencyKey']))
    expect(await refusal('salesforce_backup', { org: 'prod', mode: 'half' })).toMatch(/^mode must be one of/)
    const what = { org: 'prod', mode: 'full', objects: { include: ['User'] } }
    const { id } = await task('salesforce_backup', { ...what, idempotencyKey: `k-${over[0]}` })
    await task('task_wait', { id, seconds: 30 })
    const { tasks: seen } = (await call('salesforce_backup_status', { id })).value as { tasks: object[] }
    expect(seen).toMatchObject([{ id, kind: 'org.backup', state: 'succeeded' }])
    const { tasks } = (await call('salesforce_backup_list')).value as { tasks: { id: string }[] }
    const rows = emulator.org('prod').rows.all('User').length
    expect(tasks.find((one) => one.id === id)).toMatchObject({
      result: { org: 'prod', mode: 'full', rows, backup: expect.stringContaining('-full-') },
      artifacts: [{ name: 'manifest.json' }, { name: 'summary.md' }],
    })
  })
})

describe('agents that take tasks of the protocol', () => {
  it('lose none when the server is killed', async () => {
    const before = await Promise.all(transports.map((over) => agent(over, owner)))
    const made = await Promise.all(before.map(makeTwo))
    await orchestrator.kill()
    await start()
    const [overHttp, overStdio] = before
    await overHttp?.close()
    // One over stdio goes on as it is; over HTTP a new one has all that the old one had.
    const after = [await agent('Streamable HTTP', owner), overStdio as Agent]
    await Promise.all(after.map((one, at) => seeBoth(one, made[at] as Made)))
    await Promise.all(after.map((one) => one.close()))
  })
})

describe('an agent that waits', () => {
  it('is told when the server stops', async () => {
    const { task, call, close } = await agent('Streamable HTTP', owner)
    const { id } = await task('task_submit', { kind: 'gate', input: { path: newGate() } })
    let stopping: Promise<void> | undefined
    const { text, isError } = await call('task_wait', { id, seconds: 50 }, () => {
      stopping ??= orchestrator.kill('SIGTERM')
    })
    expect([isError, text]).toEqual([true, 'the server stops: ask again in a moment (STOPPING)'])
    await stopping
    await close()
  })
})

type Made = Awaited<ReturnType<typeof makeTwo>>

/** One that will succeed and one that will fail, both at work. */
async function makeTwo({ asTask, call }: Agent) {
  const [path, failing] = [newGate(), newGate()]
  const good = await asTask('task_submit', { kind: 'gate', input: { path } })
  const input = { path: failing, fail: true }
  const bad = await asTask('task_submit', { kind: 'gate', input, retry: { maxAttempts: 1 } })
  expect(good).toMatchObject({ status: 'working', pollInterval: 1000 })
  expect(good.ttl).toBeGreaterThanOrEqual(2 * 86_400_000)
  for (let words = ''; words !== 'running'; ) {
    words = ((await call('task_status', { id: good.taskId })).value as { state: string }).state
  }
  return { good: good.taskId, bad: bad.taskId, open: () => [path, failing].forEach(open) }
}

async function seeBoth({ client, result }: Agent, { good, bad, open }: Made): Promise<void> {
  const { tasks } = client.experimental
  expect(await tasks.getTask(good)).toMatchObject({ status: 'working' })
  const awaited = result(good)
  open()
  expect(await awaited).toMatchObject({
    structuredContent: { id: good, state: 'succeeded', attempt: 2, result: { waited: true } },
    isError: false,
    _meta: { 'io.modelcontextprotocol/related-task': { taskId: good } },
  })
  expect(await result(bad)).toMatchObject({
    structuredContent: { state: 'failed', error: { message: 'it was told to fail' } },
    isError: true,
  })
  const listed = (await tasks.listTasks()).tasks
  const statusOf = (id: string) => listed.find(({ taskId }) => taskId === id)?.status
  expect([statusOf(good), statusOf(bad)]).toEqual(['completed', 'failed'])
  await expect(tasks.cancelTask(good)).rejects.toThrow('ended already')
}

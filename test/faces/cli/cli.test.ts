import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startProxy } from '../../client/fixtures/proxy.ts'
import { startMayfly, type TestMayfly } from '../../fixtures/mayfly.ts'
import { Cli, mayfly as program, type Surroundings } from './fixtures/cli.ts'

let server: TestMayfly

beforeAll(async () => {
  server = await startMayfly()
})

afterAll(() => server.remove())

const mayfly = (args: readonly string[], { env, ...rest }: Surroundings = {}) =>
  program(args, { ...rest, env: { MAYFLY_URL: server.url, MAYFLY_TOKEN: server.token, ...env } })

const exec = (...command: string[]) => ({ kind: 'exec', input: { command } })

async function untilRunning() {
  const { id } = await server.submit(exec('sleep', '600'))
  await server.untilType(id, 'task.started')
  return id
}

describe('mayfly run', () => {
  it('prints what the task prints, and nothing else, on stdout', async () => {
    const { code, stdout, stderr } = await mayfly(['run', 'exec', '--', 'sh', '-c', 'echo out; echo err >&2'])
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'out\n' })
    expect(stderr).toContain('err\n')
    expect(stderr).toMatch(/exec …[0-9a-f]{6} succeeded after [\d.]+ s: {"exitCode":0}/)
  })

  it.each([
    { what: 'succeeds', args: ['exec', '--', 'true'], code: 0, says: 'succeeded' },
    { what: 'fails', args: ['exec', '--', 'sh', '-c', 'exit 7'], code: 1, says: 'the command exited with code 7' },
    { what: 'is refused', args: ['nothing'], code: 3, says: 'nothing' },
    {
      what: 'does not end in time',
      args: ['exec', '--timeout', '0.5', '--', 'sleep', '60'],
      code: 4,
      says: 'had not ended',
    },
  ])('exits with $code when the task $what', async ({ args, code, says }) => {
    const said = await mayfly(['run', ...args])
    expect(said.code).toBe(code)
    expect(said.stderr).toContain(says)
  })

  it('sends a secret for its task alone from a file or from stdin, and never from argv', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'mayfly-cli-')), 'token')
    writeFileSync(file, 'correct-horse\n')
    const command = [
      '--set',
      'secretEnv={"TOKEN":"token"}',
      '--',
      'sh',
      '-c',
      'test "$TOKEN" = correct-horse && echo "it is $TOKEN"',
    ]
    for (const [written, stdin] of [
      [`@${file}`, ''],
      ['-', 'correct-horse\n'],
    ]) {
      const said = await mayfly(['run', 'exec', '--secret', `token=${written}`, ...command], { stdin: stdin as string })
      expect(said).toMatchObject({ code: 0, stdout: 'it is ***\n' })
    }
    const gone = await mayfly(['submit', 'exec', '--secret', `token=@${file}.gone`, '--', 'true'])
    expect(gone).toMatchObject({ code: 2, stderr: expect.stringContaining('token.gone cannot be read') })
    rmSync(dirname(file), { recursive: true })
  })

  it('makes an input of JSON, of files, of stdin and of members', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'mayfly-cli-')), 'input.json')
    writeFileSync(file, JSON.stringify({ command: ['sh', '-c', 'echo "$A $B"'] }))
    const set = ['--set', 'env={"A":"1","B":"two words"}']
    for (const input of [`@${file}`, '-', '{"command":["sh","-c","echo \\"$A $B\\""]}']) {
      const stdin = input === '-' ? '{"command":["sh","-c","echo \\"$A $B\\""]}' : ''
      expect((await mayfly(['run', 'exec', '--input', input, ...set], { stdin })).stdout).toBe('1 two words\n')
    }
  })

  it('speaks JSON, a line for each event and one for the task', async () => {
    const { stdout } = await mayfly(['run', 'exec', '--json', '--label', 'a=b', '--', 'echo', 'hello'])
    const lines = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    const seqs = lines.filter(({ type }) => type === 'event').map(({ event }) => event.seq)
    expect(seqs).toEqual(seqs.map((_, at) => at + 1))
    expect(lines.at(-1)).toMatchObject({ type: 'task', task: { state: 'succeeded', labels: { a: 'b' } } })
  })

  it('leaves the task running at Ctrl-C, and says how to come back', async () => {
    const cli = new Cli(['run', 'exec', '--', 'sleep', '600'], {
      env: { MAYFLY_URL: server.url, MAYFLY_TOKEN: server.token },
    })
    await cli.until('running')
    cli.child.kill('SIGINT')
    const { code, stderr } = await cli.ended
    expect(code).toBe(130)
    const id = / watch ([0-9a-f-]{36})/.exec(stderr)?.[1] ?? ''
    expect((await server.task(id)).state).toBe('running')
    await server.cancel(id)
    expect((await mayfly(['watch', id])).code).toBe(4)
  })

  it.each([
    { how: 'by Node', env: {}, data: 'data', line: / (\S+node) (\S+bin\.js) watch \S+ --data \S+$/m },
    { how: 'by Node, with an odd directory', env: {}, data: "it's data", line: / watch \S+ --data '.*'\\''s data'$/m },
    {
      how: 'by our npm script',
      env: { npm_package_name: 'mayfly', npm_lifecycle_event: 'mayfly' },
      data: 'data',
      line: /: npm run -s mayfly -- watch \S+ --data/,
    },
    { how: 'by npx', env: { npm_lifecycle_event: 'npx' }, data: 'data', line: /: npx mayfly watch \S+ --data/ },
  ])('prints a line to come back with that works when it is pasted: called $how', async ({ env, data, line }) => {
    const directory = join(mkdtempSync(join(tmpdir(), 'mayfly-cli-')), data)
    mkdirSync(directory)
    writeFileSync(join(directory, 'url'), server.url)
    writeFileSync(join(directory, 'admin-token'), server.token)
    const cli = new Cli(['run', 'exec', '--data', directory, '--', 'sleep', '600'], { env })
    await cli.until('running')
    cli.child.kill('SIGINT')
    const { stderr } = await cli.ended
    expect(stderr).toMatch(line)
    const pasted = /goes on: (.*)/.exec(stderr)?.[1] ?? ''
    const [id = ''] = /[0-9a-f-]{36}/.exec(pasted) ?? []
    await server.cancel(id)
    const root = fileURLToPath(new URL('../../..', import.meta.url))
    const [status] = await once(spawn('sh', ['-c', pasted], { cwd: root, stdio: 'ignore' }), 'close')
    expect(status).toBe(4)
  })

  it('cancels in the end what has had its time, though the server is away just then', async () => {
    let isAway = true
    const proxy = await startProxy(server.url, () => (isAway ? { after: 0 } : {}))
    isAway = false
    const env = { MAYFLY_URL: proxy.url, MAYFLY_TOKEN: server.token }
    const cli = new Cli(['run', 'exec', '--timeout', '2', '--', 'sleep', '600'], { env })
    await cli.until('running')
    isAway = true
    proxy.cutAll()
    await cli.until('next look in')
    setTimeout(() => {
      isAway = false
    }, 2_500)
    expect((await cli.ended).code).toBe(4)
    await proxy.stop()
  })

  it('does not follow when told so', async () => {
    const { code, stdout } = await mayfly(['run', 'exec', '--detach', '--', 'true'])
    expect(code).toBe(0)
    expect((await server.settled(stdout.trim())).state).toBe('succeeded')
  })

  it('shows control sequences without letting them control anything, and binary output at all', async () => {
    const evil = String.raw`\033[2J\033]0;title\007\033[31mred\033[0m 10%%\r20%% \302\233 \342\200\256abc \000\377\n`
    const { code, stdout } = await mayfly(['run', 'exec', '--', 'printf', evil])
    expect(code).toBe(0)
    expect(stdout).toContain('red 10%␍20%')
    expect(stdout).toContain('<U+202E>abc ␀')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they must not be there
    expect(stdout).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202e]/)
  })
})

describe('the other commands', () => {
  it('submit, show, list, logs and cancel speak of the same task', async () => {
    const submitted = await mayfly([
      'submit',
      'exec',
      '--label',
      'mark=this',
      '--',
      'sh',
      '-c',
      'echo one; exec sleep 600',
    ])
    const id = submitted.stdout.trim()
    await server.untilText(id, 'one')
    expect(JSON.parse((await mayfly(['show', id, '--json'])).stdout)).toMatchObject({ id, kind: 'exec' })
    expect((await mayfly(['show', id])).stdout).toMatch(/^state +running$/m)
    const list = await mayfly(['list', '--label', 'mark:this', '--json'])
    expect(JSON.parse(list.stdout).map((task: { id: string }) => task.id)).toEqual([id])
    expect((await mayfly(['list'])).stdout).toContain(id)
    expect((await mayfly(['logs', id])).stdout).toBe('one\n')
    expect(JSON.parse((await mayfly(['logs', id, '--json'])).stdout).data.text).toContain('one')
    expect((await mayfly(['cancel', id, '--reason', 'enough'])).code).toBe(0)
    expect((await server.settled(id)).error?.message).toContain('enough')
    expect((await mayfly(['logs', '--follow', id])).stdout).toBe('one\n')
  })

  it('watch follows several tasks at once, and the worst counts', async () => {
    const [good, bad] = await Promise.all([
      server.submit(exec('echo', 'fine')),
      server.submit(exec('sh', '-c', 'echo no; exit 1')),
    ])
    const { code, stdout } = await mayfly(['watch', good.id, bad.id])
    expect(code).toBe(1)
    expect(stdout).toContain(`…${good.id.slice(-6)} fine\n`)
    expect(stdout).toContain(`…${bad.id.slice(-6)} no\n`)
  })

  it('watch without an id follows all there are and will be, until Ctrl-C', async () => {
    const early = await untilRunning()
    const watching = (...flags: string[]) =>
      new Cli(['watch', ...flags], { env: { MAYFLY_URL: server.url, MAYFLY_TOKEN: server.token } })
    const people = watching('--kind', 'exec')
    const program = watching('--json')
    await people.until('following all tasks')
    await program.until(early)
    const late = await server.run(exec('echo', 'late'))
    const name = (id: string) => `exec …${id.slice(-6)}`
    await people.until(`${name(late.id)} succeeded`)
    await server.cancel(early)
    await people.until(`${name(early)} cancelled`)
    await program.until('"task.cancelled"')
    for (const cli of [people, program]) cli.child.kill('SIGINT')
    const [{ code, stdout }, json] = await Promise.all([people.ended, program.ended])
    expect({ code, stdout }).toEqual({ code: 130, stdout: `…${late.id.slice(-6)} late\n` })
    const sights = json.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(sights.filter(({ type, task }) => type === 'task' && task.id === late.id)).toHaveLength(1)
    expect(sights.at(-1)).toMatchObject({ type: 'event', task: early, event: { type: 'task.cancelled' } })
  })

  it('secrets go in from stdin, are listed without values, used and deleted', async () => {
    const value = 'a-very-secret-value-1'
    const set = await mayfly(['secrets', 'set', 'cli-test'], { stdin: `${value}\n` })
    expect(set).toMatchObject({ code: 0, stdout: 'cli-test is stored, version 1\n' })
    expect((await mayfly(['secrets', 'list'])).stdout).toMatch(/^cli-test +1 /m)
    const used = ['run', 'exec', '--secret', 'token=cli-test', '--set', 'secretEnv={"T":"token"}']
    const length = await mayfly([...used, '--', 'sh', '-c', 'printf %s "$T" | wc -c'])
    expect(length.stdout.trim()).toBe(String(value.length))
    expect((await mayfly(['secrets', 'delete', 'cli-test'])).code).toBe(0)
    expect((await mayfly(['secrets', 'list', '--json'])).stdout.trim()).toBe('[]')
  })

  it('doctor finds what is there', async () => {
    const { stdout } = await mayfly(['doctor', '--json', '--data', server.data])
    const found = Object.fromEntries(
      JSON.parse(stdout).map((one: { what: string; verdict: string }) => [one.what, one.verdict]),
    )
    expect(found).toMatchObject({ node: 'good', data: 'good', server: 'good', clock: 'good', token: 'good' })
    expect(found).toHaveProperty('isolation')
    expect(found).toHaveProperty('disk')
  })

  it('doctor looks for a random secret everywhere, and finds it where it must be and nowhere else', async () => {
    writeFileSync(join(server.data, 'url'), `${server.url}\n`)
    const { code, stdout } = await mayfly(['doctor', '--wipe-check', '--json', '--data', server.data])
    const { clean, searched } = JSON.parse(stdout)
    const places = searched.map(({ place }: { place: string }) => place)
    for (const part of [`process ${process.pid}`, 'journal.db', 'journal.db-wal', 'workspaces/', 'files in ']) {
      expect(
        places.some((place: string) => place.includes(part)),
        part,
      ).toBe(true)
    }
    rmSync(join(server.data, 'url'))
    expect({ code, clean }).toEqual({ code: 0, clean: true })
  })

  it('config says where settings come from, and never the token', async () => {
    const { stdout } = await mayfly(['config', '--json'], { env: { MAYFLY_PORT: '7171' } })
    const rows = JSON.parse(stdout)
    expect(rows).toContainEqual({ name: 'client.url', value: server.url, source: 'MAYFLY_URL' })
    expect(rows).toContainEqual({ name: 'port', value: 7171, source: 'environment' })
    expect(stdout).not.toContain(server.token)
  })

  it('version and help are there without a server', async () => {
    expect((await mayfly(['version'])).stdout).toMatch(/^mayfly \d+\.\d+\.\d+, Node v\d+/)
    expect((await mayfly(['--version'])).stdout).toMatch(/^\d+\.\d+\.\d+$/m)
    expect((await mayfly(['--help'])).stdout).toContain('run <kind> [command...]')
    for (const command of ['serve', 'run', 'secrets', 'watch']) {
      expect((await mayfly(['help', command])).stdout).toMatch(command === 'secrets' ? /Commands:/ : /Example:/)
    }
    expect((await mayfly(['help', 'secrets', 'set'])).stdout).toMatch(/Example:\n {2}\$ mayfly secrets set/)
  })
})

/** As deep as no JSON is written. */
const deep = `{"a":${'['.repeat(10_000)}${']'.repeat(10_000)}}`
const large = join(mkdtempSync(join(tmpdir(), 'mayfly-cli-')), 'large.json')

describe('what is wrong', () => {
  beforeAll(() => writeFileSync(large, JSON.stringify({ command: ['true'], env: { A: 'x'.repeat(50 * 1024 * 1024) } })))
  afterAll(() => rmSync(large))

  it.each([
    { what: 'an unknown command', args: ['rnu'], code: 2, says: 'run' },
    { what: 'help for nothing', args: ['help', 'secrets', 'steal'], code: 2, says: 'no command secrets steal' },
    { what: 'an unknown pool', args: ['run', 'exec', '--pool', 'fast'], code: 2, says: 'critical, normal, batch' },
    { what: 'a cursor for all tasks', args: ['watch', '--after', '3'], code: 2, says: '--after is for tasks' },
    { what: 'a filter for one task', args: ['watch', 'x', '--kind', 'exec'], code: 2, says: 'without ids' },
    { what: 'a kind that is none', args: ['watch', '--kind', 'X'], code: 3, says: 'filter.kind' },
    { what: 'an unknown flag', args: ['list', '--fast'], code: 2, says: '--fast' },
    { what: 'a missing id', args: ['show'], code: 2, says: 'id' },
    { what: 'an input that is not JSON', args: ['run', 'exec', '--input', '{'], code: 2, says: '--input is not JSON' },
    {
      what: 'an input file that is not there',
      args: ['run', 'exec', '--input', '@/nowhere'],
      code: 2,
      says: '/nowhere',
    },
    { what: 'a member without a name', args: ['run', 'exec', '--set', '=1'], code: 2, says: 'name=value' },
    {
      what: 'a limit that is no number',
      args: ['run', 'exec', '--limit', 'runSeconds=long'],
      code: 2,
      says: 'must be a number',
    },
    { what: 'an address that is none', args: ['list', '--url', 'nowhere'], code: 2, says: '--url must be an address' },
    {
      what: 'a setting that is wrong',
      args: ['config'],
      env: { MAYFLY_PORT: 'x' },
      code: 2,
      says: 'port must be a number',
    },
    { what: 'an unknown shell', args: ['completion', 'cmd'], code: 2, says: 'bash' },
    { what: 'an empty secret', args: ['secrets', 'set', 'name'], code: 2, says: 'empty' },
    { what: 'no time at all', args: ['run', 'exec', '--timeout', '0', '--', 'true'], code: 2, says: 'above 0' },
    {
      what: 'a time that no timer knows',
      args: ['run', 'exec', '--timeout', '99999999', '--', 'true'],
      code: 2,
      says: 'at most 2000000',
    },
    { what: 'an input that is nested too deeply', args: ['run', 'exec', '--input', deep], code: 3, says: 'too deeply' },
    {
      what: 'an input of 50 MB',
      args: ['run', 'exec', '--input', `@${large}`],
      code: 3,
      says: 'the body is too large: send less',
    },
    {
      what: 'a name that would change prototypes',
      args: ['run', 'exec', '--set', '__proto__={"a":1}', '--', 'true'],
      code: 3,
      says: '__proto__ is not allowed',
    },
    {
      what: 'a constructor',
      args: ['run', 'exec', '--set', 'constructor={"a":1}', '--', 'true'],
      code: 3,
      says: 'constructor is not allowed here',
    },
    { what: 'a kind that is a path', args: ['run', '../x'], code: 3, says: 'kind must be lower case' },
    { what: 'a kind that is not there', args: ['run', 'nothing'], code: 3, says: 'nothing' },
    { what: 'an upload that is not there', args: ['run', 'exec', '--upload', '/nowhere'], code: 2, says: '/nowhere' },
    {
      what: 'a key of odd letters',
      args: ['submit', 'exec', '--key', '鍵', '--', 'true'],
      code: 3,
      says: 'idempotency',
    },
    { what: 'a token of two lines', args: ['list', '--token', 'a\nb'], code: 3, says: 'the token holds a character' },
    { what: 'a token of odd letters', args: ['watch', '--token', 'é'], code: 3, says: 'the token holds a character' },
    { what: 'a tenant of odd letters', args: ['list', '--tenant', '日本'], code: 3, says: 'tenant holds a character' },
    { what: 'a tenant that is not there', args: ['list', '--tenant', 'nobody'], code: 3, says: 'no tenant nobody' },
    { what: 'an id that is a step up', args: ['logs', '..'], code: 3, says: 'no task with this id' },
    {
      what: 'a secret that is too short',
      args: ['secrets', 'set', 'short'],
      stdin: 'x',
      code: 3,
      says: 'choose a longer one',
    },
    {
      what: 'a secret with a path for a name',
      args: ['secrets', 'set', '../x'],
      stdin: 'x'.repeat(9),
      code: 3,
      says: 'name must be',
    },
    {
      what: 'a secret of 65 KiB',
      args: ['secrets', 'set', 'long'],
      stdin: 'x'.repeat(65 * 1024),
      code: 2,
      says: '64 KiB',
    },
    { what: 'a label without a value', args: ['list', '--label', 'x'], code: 3, says: 'label must be name:value' },
    {
      what: 'an unknown id',
      args: ['show', '00000000-0000-7000-8000-000000000000'],
      code: 3,
      says: 'no task with this id',
    },
    { what: 'an id that is none', args: ['watch', '../../healthz'], code: 3, says: 'no task with this id' },
    { what: 'an input that does not fit', args: ['run', 'exec'], code: 3, says: 'command is missing' },
    { what: 'an unknown limit', args: ['run', 'exec', '--limit', 'speed=9'], code: 3, says: 'speed' },
    {
      what: 'a token that is not valid',
      args: ['list', '--token', 'x'.repeat(40)],
      code: 3,
      says: 'token is not valid',
    },
    {
      what: 'a token that is missing',
      args: ['list'],
      env: { MAYFLY_TOKEN: '', MAYFLY_DATA: '/nowhere' },
      code: 5,
      says: 'MAYFLY_TOKEN',
    },
    {
      what: 'a server that is gone',
      args: ['run', 'exec', '--url', 'http://127.0.0.1:9', '--', 'true'],
      code: 5,
      says: '127.0.0.1:9',
    },
    {
      what: 'a server that is none',
      args: ['list', '--url', 'http://nowhere.invalid'],
      code: 5,
      says: 'nowhere.invalid',
    },
  ])('is said in one sentence: $what', async ({ args, env, stdin, code, says }) => {
    const said = await mayfly(args, { env: env as Record<string, string>, ...(stdin !== undefined && { stdin }) })
    expect(said.stderr).toContain(says)
    expect(said.stderr.trim().split('\n')).toHaveLength(1)
    expect(said.stderr).toMatch(/^mayfly: /)
    expect({ code: said.code, stdout: said.stdout }).toEqual({ code, stdout: '' })
  })

  it('leaves the server as well as it was', async () => {
    expect((await server.run(exec('true'))).state).toBe('succeeded')
  })

  it('cancelling what has ended is refused', async () => {
    const { id } = await server.run(exec('true'))
    expect(await mayfly(['cancel', id])).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('has ended already'),
    })
  })

  it('the token of this machine is not sent elsewhere', async () => {
    const { code, stderr } = await mayfly(['list', '--url', 'http://elsewhere.invalid'], {
      env: { MAYFLY_TOKEN: '', MAYFLY_DATA: server.data },
    })
    expect(code).toBe(5)
    expect(stderr).toContain('not sent elsewhere')
  })

  it('a reader that leaves ends the command without a word', async () => {
    const id = await untilRunning()
    const cli = new Cli(['watch', '--json', id], { env: { MAYFLY_URL: server.url, MAYFLY_TOKEN: server.token } })
    await cli.until('task.started')
    cli.child.stdout?.destroy()
    await server.cancel(id)
    expect(await cli.ended).toMatchObject({ code: 141, stderr: '' })
  })
})

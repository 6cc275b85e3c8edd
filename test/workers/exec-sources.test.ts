import { execFileSync } from 'node:child_process'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ArtifactPage } from '../../src/contract/artifact.ts'
import { takeOver } from '../../src/system/zeroable.ts'
import { type GitServer, hasGit, startGitServer } from '../fixtures/git-server.ts'
import { type Ask, startMayfly, type TestMayfly } from '../fixtures/mayfly.ts'

describe('exec', () => {
  let mayfly: TestMayfly
  let git: GitServer
  beforeAll(async () => {
    if (hasGit)
      git = await startGitServer(
        { 'README.md': 'first', 'bin/run.sh': 'echo first' },
        { 'README.md': 'second', 'bin/run.sh': 'echo second' },
      )
    mayfly = await startMayfly()
    await mayfly.vault.put('default', 'token', takeOver(Buffer.from('a-secret-of-many-letters')), Date.now())
  })
  afterAll(async () => {
    await mayfly.remove()
    await git?.close()
  })

  const exec = (input: object, more: Partial<Ask> = {}) => mayfly.run({ kind: 'exec', input, ...more } as Ask)

  it.skipIf(!hasGit).each(['main', 'v2'])('works in a checkout of %s', async (ref) => {
    const task = await exec({ command: ['sh', 'bin/run.sh'], git: { url: git.url, ref } })
    expect(task.state).toBe('succeeded')
    expect(await mayfly.texts(task.id, 'stdout')).toEqual(['second'])
    expect(await mayfly.texts(task.id, 'log')).toEqual([`${git.url} at ${ref} is ${git.head}`])
  })

  it.skipIf(!hasGit)('works in a directory of an older commit', async () => {
    const task = await exec({ command: ['sh', 'run.sh'], git: { url: git.url, ref: 'v1' }, directory: 'bin' })
    expect(await mayfly.texts(task.id, 'stdout')).toEqual(['first'])
  })

  it('works in what an upload unpacks to', async () => {
    const archive = execFileSync('tar', ['-cz', '-C', import.meta.dirname, 'exec-sources.test.ts'])
    const uploaded = await mayfly.upload(archive)
    const task = await exec({ command: ['ls'], upload: uploaded.id })
    expect(await mayfly.texts(task.id, 'stdout')).toEqual(['exec-sources.test.ts'])
  })

  it('says what is wrong with an upload that is no archive', async () => {
    const { id } = await mayfly.upload(Buffer.from('just a text'))
    const task = await exec({ command: ['ls'], upload: id })
    expect(task).toMatchObject({ state: 'failed', error: { code: 'INVALID_INPUT', retryable: false } })
  })

  it('keeps the files that fit a pattern, also when the command fails', async () => {
    const command = [
      'sh',
      '-c',
      'mkdir out; echo 1 > out/a.xml; echo 2 > out/b.txt; ln -s /etc/passwd out/c.xml; echo 3 > ~/d.xml; exit 3',
    ]
    const task = await exec({ command, artifacts: ['out/*.xml', '../*.xml'] })
    expect(task.error?.exitCode).toBe(3)
    const { items } = await mayfly.get<ArtifactPage>(`/tasks/${task.id}/artifacts`)
    expect(items.map(({ name }) => name)).toEqual(['out/a.xml'])
  })

  it.skipIf(!hasGit)('says what git says of a ref that is not there', async () => {
    const task = await exec({ command: ['true'], git: { url: git.url, ref: 'nowhere' } })
    const message = expect.stringMatching(/^git fetch failed: .*Look at the URL, the ref and the token$/s)
    expect(task).toMatchObject({ state: 'failed', attempt: 1, error: { code: 'INVALID_INPUT', message } })
    expect(task.error?.message).toContain('nowhere')
  })

  it.each([
    ['/etc', 'main'],
    ['file:///etc', 'main'],
    ['ext::sh -c id', 'main'],
    ['--upload-pack=id', 'main'],
    ['https://example.com/x', '--help'],
    ['https://example.com/x', 'a b'],
  ])('refuses to fetch %s at %s', async (url, ref) => {
    const task = await exec({ command: ['true'], git: { url, ref } })
    expect(task).toMatchObject({ state: 'failed', error: { message: expect.stringContaining('git takes a URL with') } })
  })

  it.each([
    'https://me:hunter22@example.com/x',
    'https://:hunter22@example.com/x',
    'ftp://me:hunter22@example.com/x',
    'me:hunter22@example.com:x',
  ])('refuses a URL with a password, and does not tell it again (%s)', async (url) => {
    const task = await exec({ command: ['true'], git: { url, ref: 'main' } })
    const message = 'the URL holds a password: give the token under git.token'
    expect(task).toMatchObject({ state: 'failed', error: { message, retryable: false } })
    expect((await mayfly.texts(task.id)).join()).not.toContain('hunter22')
  })

  it('hands a secret on to the environment and to files of its command, when told to', async () => {
    const input = {
      command: ['sh', '-c', 'printf %s "$TOKEN" | wc -c; wc -c < keys/deploy.key; stat -c %a keys/deploy.key'],
      secretEnv: { TOKEN: 'mine' },
      secretFiles: { 'keys/deploy.key': 'mine' },
    }
    const task = await exec(input, { secrets: { mine: 'vault:token' } })
    expect(task.state).toBe('succeeded')
    expect(await mayfly.texts(task.id, 'stdout')).toEqual(['24', '24', '600'])
  })

  it('hands nothing on that it was not told to', async () => {
    const task = await exec({ command: ['env'] }, { secrets: { mine: 'vault:token' } })
    expect((await mayfly.texts(task.id)).join()).not.toContain('a-secret')
  })

  it.each(['../key', '/tmp/key', 'a/../../key'])('refuses the secret file %s', async (path) => {
    const task = await exec({ command: ['true'], secretFiles: { [path]: 'mine' } }, { secrets: { mine: 'token' } })
    expect(task).toMatchObject({ state: 'failed', error: { message: expect.stringContaining('must be inside') } })
  })

  it('leaves out what can be no artifact by its name, and says so, whatever came of the command', async () => {
    const script =
      'for name in -rf \'a\\b\' "$(printf \'a\\nb\')" "$(printf \'a\\377b\')" fine; do echo x > "./$name"; done; exit'
    for (const exitCode of [0, 3]) {
      const task = await exec({ command: ['sh', '-c', `${script} ${exitCode}`], artifacts: ['*'] })
      expect(task).toMatchObject(exitCode === 0 ? { state: 'succeeded' } : { error: { exitCode: 3 } })
      const { items } = await mayfly.get<{ items: { name: string }[] }>(`/tasks/${task.id}/artifacts`)
      expect(items.map(({ name }) => name)).toEqual(['fine'])
      expect(await mayfly.texts(task.id, 'log')).toEqual(
        Array.from({ length: 4 }, () => expect.stringMatching(/^a file that fits artifacts was left out: /)),
      )
    }
  })

  it('refuses a secret with the character NUL in the environment by a sentence that does not hold it', async () => {
    await mayfly.vault.put(
      'default',
      'nul',
      takeOver(Buffer.from(`correct-horse\0${'battery'.repeat(40)}`)),
      Date.now(),
    )
    const task = await exec({ command: ['true'], secretEnv: { TOKEN: 'mine' } }, { secrets: { mine: 'nul' } })
    const message = 'secretEnv.TOKEN holds the character NUL, which no environment can: hand it on with secretFiles'
    expect(task).toMatchObject({ state: 'failed', error: { message, retryable: false } })
    expect(JSON.stringify(await mayfly.events(task.id))).not.toMatch(/correct|battery/)
  })

  it('names the secret that the request did not give', async () => {
    const input = { command: ['true'], secretFiles: { 'a/key': 'none' } }
    const refused = await mayfly.call('POST', '/tasks', { kind: 'exec', input, secrets: { mine: 'token' } })
    expect(refused.status).toBe(422)
    expect(await refused.json()).toMatchObject({ detail: expect.stringContaining('names the secret none') })
  })
})

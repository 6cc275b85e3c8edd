import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { takeOver } from '../../src/secrets/buffers.ts'
import { type GitServer, startGitServer } from '../fixtures/git-server.ts'
import { type Ask, startMayfly, type TestMayfly } from '../fixtures/mayfly.ts'

describe('exec', () => {
  let mayfly: TestMayfly
  let git: GitServer
  beforeAll(async () => {
    git = await startGitServer(
      { 'README.md': 'first', 'bin/run.sh': 'echo first' },
      { 'README.md': 'second', 'bin/run.sh': 'echo second' },
    )
    mayfly = await startMayfly()
    await mayfly.vault.put('default', 'token', takeOver(Buffer.from('a-secret-of-many-letters')), Date.now())
  })
  afterAll(async () => {
    await mayfly.remove()
    await git.close()
  })

  const exec = (input: object, more: Partial<Ask> = {}) => mayfly.run({ kind: 'exec', input, ...more } as Ask)

  it.each(['main', 'v2'])('works in a checkout of %s', async (ref) => {
    const task = await exec({ command: ['sh', 'bin/run.sh'], git: { url: git.url, ref } })
    expect(task.state).toBe('succeeded')
    expect(await mayfly.texts(task.id, 'stdout')).toEqual(['second'])
    expect(await mayfly.texts(task.id, 'log')).toEqual([`${git.url} at ${ref} is ${git.head}`])
  })

  it('works in a directory of an older commit', async () => {
    const task = await exec({ command: ['sh', 'run.sh'], git: { url: git.url, ref: 'v1' }, directory: 'bin' })
    expect(await mayfly.texts(task.id, 'stdout')).toEqual(['first'])
  })

  it('says what git says of a ref that is not there', async () => {
    const task = await exec({ command: ['true'], git: { url: git.url, ref: 'nowhere' } })
    expect(task).toMatchObject({ state: 'failed', error: { message: expect.stringContaining('git fetch failed') } })
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

  it('names the secret that the request did not give', async () => {
    const task = await exec({ command: ['true'], secretFiles: { 'a/key': 'none' } }, { secrets: { mine: 'token' } })
    expect(task).toMatchObject({ state: 'failed', error: { message: expect.stringContaining('has no secret none') } })
  })
})

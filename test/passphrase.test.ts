import { spawn } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'

const bin = fileURLToPath(new URL('../src/bin.js', import.meta.url))
const directory = mkdtempSync(join(tmpdir(), 'mayfly-passphrase-'))
afterAll(() => rmSync(directory, { recursive: true, force: true }))

const data = join(directory, 'data')
const fileOf = (name: string, text: string) => {
  const path = join(directory, name)
  writeFileSync(path, text)
  return path
}
const passphrase = fileOf('passphrase', 'words of mine, and many of them\n')

interface How {
  readonly args?: readonly string[]
  readonly env?: NodeJS.ProcessEnv
  /** The number under which the server finds the file open. */
  readonly at: number
  readonly file?: string
}

/** What a server on the same data says until it listens, or gives up. */
async function said({ args = [], env, at, file = passphrase }: How): Promise<string> {
  const opened = openSync(file, 'r')
  const stdio = Array.from({ length: Math.max(at + 1, 3) }, (_, fd) =>
    fd === at ? opened : fd === 0 ? 'ignore' : 'pipe',
  )
  const server = spawn(process.execPath, [bin, 'serve', '--port', '0', '--data', data, ...args], {
    env: { ...process.env, MAYFLY_MASTER_KEY: 'passphrase', ...env },
    stdio,
  })
  closeSync(opened)
  const ended = new Promise((resolve) => server.once('close', resolve))
  let text = ''
  for (const stream of [server.stdout, server.stderr]) {
    stream?.on('data', (chunk) => {
      text += chunk
      if (text.includes('listening')) server.kill()
    })
  }
  await ended
  return text
}

describe('the passphrase of the master key', () => {
  it.each<[string, How]>([
    ['a flag', { args: ['--passphrase-fd', '3'], at: 3 }],
    ['the environment', { env: { MAYFLY_PASSPHRASE_FD: '4' }, at: 4 }],
    ['the config file', { args: ['--config', fileOf('config.json', '{"passphraseFd": 5}')], at: 5 }],
    ['a flag that means what comes in', { args: ['--passphrase-fd=0'], at: 0 }],
  ])('is read from the descriptor that %s names', async (_, how) => {
    expect(await said(how)).toContain('listening')
  })

  it('is refused in a sentence when it is another than before', async () => {
    const file = fileOf('other', 'quite other words than those before')
    expect(await said({ args: ['--passphrase-fd', '3'], at: 3, file })).toMatch(/mayfly: .*passphrase/)
  })

  it('is asked for in a sentence where there is none', async () => {
    for (const fd of ['4', '5', '9', '20', '26', '28', '35', '60']) {
      expect(await said({ args: ['--passphrase-fd', fd], at: 3 })).toContain(
        `mayfly: Descriptor ${fd} is not open: give the passphrase with --passphrase-fd ${fd} ${fd}<FILE.`,
      )
    }
    expect(await said({ at: 3 })).toContain('There is no terminal to ask for the passphrase at')
  })
})

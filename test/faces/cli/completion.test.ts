import { spawnSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { mayfly } from './fixtures/cli.ts'

const has = (shell: string) => spawnSync(shell, ['--version']).status === 0

async function complete(...words: string[]): Promise<string[]> {
  const { stdout: script } = await mayfly(['completion', 'bash'])
  const ask = `${script}\nCOMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length - 1}; _mayfly 2>/dev/null; printf '%s\\n' "\${COMPREPLY[@]}"`
  const { stdout } = spawnSync('bash', ['--norc', '-c', ask], { encoding: 'utf8' })
  return stdout.split('\n').filter(Boolean)
}

describe('completion', () => {
  it.skipIf(!has('bash'))('of bash knows commands, commands below commands, and flags', async () => {
    expect(await complete('mayfly', 'sh')).toEqual(['show'])
    expect(await complete('mayfly', 'secrets', '')).toEqual(expect.arrayContaining(['set', 'list', 'delete']))
    expect(await complete('mayfly', 'run', 'exec', '--det')).toEqual(['--detach'])
    expect(await complete('mayfly', 'serve', '--for')).toEqual(['--forget-secrets'])
    expect(await complete('mayfly', 'secrets', 'set', '--ex')).toEqual(['--exact'])
  })

  it.each(['bash', 'zsh', 'fish'])('of %s is a script that the shell can read', async (shell) => {
    const { code, stdout } = await mayfly(['completion', shell])
    expect(code).toBe(0)
    expect(stdout).toContain('mayfly')
    if (has(shell))
      expect(spawnSync(shell, ['-n'], { input: stdout, encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' })
  })
})

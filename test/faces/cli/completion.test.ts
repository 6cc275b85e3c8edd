import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { isInstalled } from '../../fixtures/installed.ts'
import { mayfly } from './fixtures/cli.ts'

const scripts: Record<string, string> = {}

beforeAll(async () => {
  for (const shell of ['bash', 'zsh', 'fish']) scripts[shell] = (await mayfly(['completion', shell])).stdout
})

const linesOf = (shell: string, args: readonly string[]) =>
  spawnSync(shell, args, { encoding: 'utf8' }).stdout.split('\n').filter(Boolean)

const quoted = (words: readonly string[]) => words.map((word) => `'${word}'`).join(' ')

/** What each shell itself makes of the script, for the last word. */
const complete: Record<string, (words: readonly string[]) => string[]> = {
  bash: (words) => {
    const ask = `compopt() { echo FILES; }; COMP_WORDS=(${quoted(words)}); COMP_CWORD=${words.length - 1}; _mayfly; printf '%s\\n' "\${COMPREPLY[@]}"`
    return linesOf('bash', ['--norc', '-c', `${scripts.bash}\n${ask}`])
  },
  zsh: (words) => {
    const own = `compdef() {}; _files() { print FILES }; _message() {}; _normal() { print FILES }
      compadd() { print -l -- "$@" }; _describe() { print -l -- "\${(@)\${(@P)2}%%:*}" }`
    const ask = `words=(${quoted(words)}); CURRENT=${words.length}; _mayfly`
    return linesOf('zsh', ['-f', '-c', `${own}\n${scripts.zsh}\n${ask}`]).filter(
      (line) => line === 'FILES' || line.startsWith(words.at(-1) ?? ''),
    )
  },
  fish: (words) => {
    const ask = `${scripts.fish}\ncomplete -C ${quoted([words.join(' ')])}`
    return linesOf('fish', ['--no-config', '-c', ask]).map((line) => line.split('\t')[0] ?? '')
  },
}

describe.each(['bash', 'zsh', 'fish'])('completion of %s', (shell) => {
  const isHere = isInstalled(shell)

  it('is made from the commands', () => {
    expect(scripts[shell]).toContain('mayfly')
    expect(scripts[shell]).toContain('artifacts')
  })

  it.skipIf(!isHere)('is a script that the shell can read', () => {
    const directory = mkdtempSync(join(tmpdir(), 'mayfly-completion-'))
    writeFileSync(join(directory, 'script'), scripts[shell] ?? '')
    const checked = spawnSync(shell, ['-n', join(directory, 'script')], { encoding: 'utf8' })
    rmSync(directory, { recursive: true })
    expect(checked).toMatchObject({ status: 0, stderr: '' })
  })

  it.skipIf(!isHere).each([
    [['mayfly', 'sh'], ['show']],
    [
      ['mayfly', 'secrets', ''],
      ['set', 'list', 'delete'],
    ],
    [['mayfly', 'secrets', 'set', '--ex'], ['--exact']],
    [['mayfly', 'run', 'exec', '--det'], ['--detach']],
    [['mayfly', 'serve', '--for'], ['--forget-secrets']],
    [['mayfly', 'help', 'ret'], ['retry']],
    [
      ['mayfly', 'completion', ''],
      ['bash', 'zsh', 'fish'],
    ],
    [
      ['mayfly', 'run', '--pool', ''],
      ['critical', 'normal', 'batch'],
    ],
    [['mayfly', 'list', '--json', '--state', 'set'], ['settling']],
  ])('knows what follows %j', (words, expected) => {
    expect(complete[shell]?.(words)).toEqual(expect.arrayContaining(expected))
  })

  it.skipIf(!isHere)('offers files where a path is wanted, and nothing where only its user knows', () => {
    const found = complete[shell]?.(['mayfly', 'run', '--upload', 'READ'])
    expect(found).toEqual(shell === 'fish' ? ['README.md'] : ['FILES'])
    expect(complete[shell]?.(['mayfly', 'run', '--label', ''])).toEqual([])
  })
})

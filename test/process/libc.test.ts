import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { openLibc } from '../../src/process/libc.ts'

const libc = openLibc()

/** Up to where each could be raised. */
function limitsOf(pid: number): Record<string, string> {
  const lines = readFileSync(`/proc/${pid}/limits`, 'utf8').matchAll(/^(Max [a-z ]+?) {2,}\S+ +(\S+)/gm)
  return Object.fromEntries(Array.from(lines, ([, name, hard]) => [name, hard]))
}

describe.runIf(libc)('the C library', () => {
  const call = libc as NonNullable<typeof libc>

  it('does not know how one has ended that is nobody of ours, and does not wait for it', () => {
    expect(call.ended(1)).toEqual({ exit: { code: null, signal: null } })
  })

  it('holds a process to what it may have less of already, and none that has ended', () => {
    const most = { dataMiB: 4_096, fileMiB: 4_096, openFiles: 64, threads: 4_096 }
    const given = ['/dev/null', '/dev/null', '/dev/null']
    const pid = call.spawn({ path: '/bin/sleep', argv: ['sleep', '60'], env: [], cwd: '/', given })
    try {
      call.limit(pid, most)
      expect(limitsOf(pid)).toMatchObject({ 'Max open files': '64', 'Max processes': '4096' })
      call.limit(pid, { ...most, openFiles: 32 })
      expect(limitsOf(pid)).toMatchObject({ 'Max open files': '32' })
    } finally {
      process.kill(pid, 'SIGKILL')
    }
    while (!call.ended(pid));
    expect(() => call.limit(pid, most)).not.toThrow()
  })

  it('is not asked to overwrite a descriptor that is still to be given', () => {
    const what = { path: '/bin/true', argv: ['true'], env: [], cwd: '/' }
    expect(() => call.spawn({ ...what, given: ['/dev/null', 2, 1] })).toThrow('would be overwritten')
  })
})

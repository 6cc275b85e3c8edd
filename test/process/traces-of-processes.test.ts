import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, it } from 'vitest'
import { readStat } from '../../src/process/identity.ts'
import { descendantsOf, noTraces, tracesInDescendant, tracesInMemory } from '../../src/process/traces.ts'

const linuxIt = it.runIf(process.platform === 'linux')

linuxIt(
  'a process that has ended is no descendant any more, and has no memory, whether it was waited for or not',
  async () => {
    const child = spawn('sleep', ['60'], { stdio: 'ignore' })
    const { pid = 0 } = child
    expect(descendantsOf(process.pid)).toContain(pid)
    child.kill('SIGKILL')
    // Nobody waits for it meanwhile: the event loop stands still.
    while (readStat(pid)?.state !== 'Z');
    expect(descendantsOf(process.pid)).not.toContain(pid)
    const forms = [Buffer.from('x')]
    expect(tracesInDescendant(pid, forms)).toEqual(noTraces)
    await once(child, 'exit')
    expect(tracesInDescendant(pid, forms)).toEqual(noTraces)
    expect(() => tracesInMemory(pid, forms)).toThrow('ENOENT')
  },
)

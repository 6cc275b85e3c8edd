import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { Readable } from 'node:stream'
import { expect, it } from 'vitest'
import { FirstProcess } from '../../src/process/first.ts'

it.runIf(process.platform === 'linux')(
  'the first process of a sandbox has no namespace to be limited, when its number is that of a process outside by now',
  async () => {
    const another = spawn('sleep', ['60'], { stdio: 'ignore' })
    try {
      await once(another, 'spawn')
      const status = Readable.from([`{ "child-pid": ${another.pid} }`])
      const first = new FirstProcess(status)
      await once(status, 'data')
      expect(first.openNamespace()).toBeUndefined()
    } finally {
      another.kill('SIGKILL')
    }
  },
)

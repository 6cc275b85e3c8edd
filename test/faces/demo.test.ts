import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'

const run = promisify(execFile)
const minuteMs = 60_000

describe('the demo', () => {
  it.each([[[]], [['--chaos']]])(
    'shows tasks of two tenants to their ends, and ends by itself: %j',
    async (flags) => {
      const { stdout } = await run(process.execPath, ['src/faces/demo/demo.ts', ...flags], { timeout: 3 * minuteMs })
      expect(stdout).toContain('6 of 6 tasks succeeded')
      expect(stdout).toContain('Every watcher saw every event once, in order.')
      expect(stdout.includes('killed with -9')).toBe(flags.length > 0)
    },
    4 * minuteMs,
  )
})

import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { isInstalled } from '../fixtures/installed.ts'
import { children, startMayfly } from '../fixtures/mayfly.ts'

const directory = mkdtempSync(join(tmpdir(), 'mayfly-probe-'))
afterAll(() => rmSync(directory, { recursive: true, force: true }))

/** A path with what level 1 needs, and with this in place of bwrap. */
function pathWith(name: string, bwrap?: string): string {
  const path = mkdtempSync(join(directory, name))
  for (const program of ['sh', 'setpriv', 'unshare', 'true']) {
    const found = execFileSync('sh', ['-c', `command -v ${program}`], { encoding: 'utf8' }).trim()
    symlinkSync(found.startsWith('/') ? found : `/bin/${program}`, join(path, basename(program)))
  }
  if (bwrap !== undefined) writeFileSync(join(path, 'bwrap'), bwrap, { mode: 0o755 })
  return path
}

const refuses = '#!/bin/sh\necho "bwrap: No permissions to create new namespace" >&2\nexit 1\n'

describe('a server that is to seal workers off where that does not work', () => {
  it.each([
    ['has no bwrap', undefined, /isolation level 2 is required .*bwrap ENOENT.*apt install bubblewrap/],
    ['has one that may not', refuses, /isolation level 2 is required .*No permissions to create new namespace/],
  ])('does not start, and says why: it %s', async (_name, bwrap, sentence) => {
    const start = startMayfly({
      environment: { PATH: pathWith('required', bwrap) },
      config: { isolation: { require: 2 } },
    })
    await expect(start).rejects.toThrow(sentence)
  })

  it('does not start where each task is to be a user of its own, and there are none, or too few', async () => {
    const start = (config: object) =>
      startMayfly({ environment: { PATH: pathWith('users') }, config: { isolation: { require: 3 }, ...config } })
    await expect(start({})).rejects.toThrow(
      /isolation level 3 is required .*level 3 does not work here: no users are given.*"first": 62000/,
    )
    const few = { users: { first: 62_000, count: 2 }, criticalSlots: 1, sharedSlots: 2, standby: 0 }
    await expect(start(few)).rejects.toThrow(/users.count is 2, and 3 workers may live at once/)
  })

  it.skipIf(!isInstalled('unshare'))('takes the best level that works, and says which, when it may', async () => {
    const environment = { PATH: pathWith('auto', refuses) }
    const mayfly = await startMayfly({ environment, config: { kinds: [children('common')] } })
    try {
      expect(mayfly.orchestrator.readiness().isolation).toEqual({ level: 1, name: 'limits', failing: false })
      expect(await mayfly.run({ kind: 'succeed' })).toMatchObject({ state: 'succeeded', isolation: 1 })
    } finally {
      await mayfly.remove()
    }
  })
})

/** Works until the file is there. */
const works = (broken: string) => `#!/bin/sh
if [ -e '${broken}' ]; then echo "bwrap: No permissions to create new namespace" >&2; exit 1; fi
exec ${execFileSync('sh', ['-c', 'command -v bwrap'], { encoding: 'utf8' }).trim()} "$@"
`

it.skipIf(!isInstalled('bwrap'))(
  'what worked at the start and does not any more starts nothing at a lower level',
  async () => {
    const broken = join(directory, 'broken')
    const path = pathWith('breaks', works(broken))
    const mayfly = await startMayfly({
      environment: { PATH: `${path}:/usr/bin:/bin` },
      config: { kinds: [children('common')], maxStartFailures: 3 },
    })
    try {
      expect(await mayfly.run({ kind: 'succeed' })).toMatchObject({ state: 'succeeded', isolation: 2 })
      writeFileSync(broken, '')
      const failed = await mayfly.run({ kind: 'succeed' })
      expect(failed).toMatchObject({ state: 'failed', outcome: 'not_started', isolation: 2 })
      expect(failed.error?.message).toContain('No permissions to create new namespace')
      expect(mayfly.orchestrator.readiness().isolation).toEqual({ level: 2, name: 'sandbox', failing: true })
    } finally {
      await mayfly.remove()
    }
  },
)

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { limited, limitedByUserNamespace } from '../../src/process/limited.ts'
import { bornHere } from '../fixtures/birth.ts'
import { levels } from '../fixtures/levels.ts'

const directory = mkdtempSync(join(tmpdir(), 'mayfly-locale-'))
const program = join(directory, 'tell.cjs')
writeFileSync(program, 'console.log(JSON.stringify([process.env.LC_ALL, process.env.LANG]))')
afterAll(() => rmSync(directory, { recursive: true }))

async function localeOf(environment: Readonly<Record<string, string>>): Promise<unknown> {
  const worker = await bornHere({
    id: 'locale',
    program,
    directory,
    isolation: process.getuid?.() === 0 ? limited : limitedByUserNamespace,
    environment: { PATH: process.env.PATH ?? '', LANG: 'C.UTF-8', ...environment },
  })
  let said = ''
  for await (const chunk of worker.stdout) said += chunk
  await worker.emptied()
  return JSON.parse(said)
}

describe.runIf(levels.includes(1))('the language of a worker at level 1', () => {
  it('is not that of the programs around it', async () => {
    expect(await localeOf({})).toEqual([null, 'C.UTF-8'])
  })

  it("is the operator's, where he says so", async () => {
    expect(await localeOf({ LC_ALL: 'POSIX' })).toEqual(['POSIX', 'C.UTF-8'])
  })
})

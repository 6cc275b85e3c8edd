/** metadata.validate on files alone, and with an emulated org that compiles what has changed. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { ContractTask } from '../../../src/contract/task.ts'
import type { ValidateResult } from '../../../workers/metadata/validate/run.ts'
import {
  concurrentLimit,
  expiredSession,
  lostResponse,
  maintenance,
  maintenancePage,
  resetBeforeHeaders,
} from '../../emulator/fault-actions.ts'
import type { Subject } from '../../emulator/faults.ts'
import type { EmulatedOrg } from '../../emulator/org.ts'
import { quick, startSalesforce, type TestSalesforce } from '../../fixtures/salesforce.ts'
import { alsoInMatrix } from './support/also-in-matrix.ts'

/** A sample project of Salesforce's, as it was published. */
const sample = dirname(
  fileURLToPath(import.meta.resolve('@salesforce/webapp-template-app-react-sample-b2x-experimental/package.json')),
)
const meta =
  '<?xml version="1.0" encoding="UTF-8"?>\n<ApexClass xmlns="http://soap.sforce.com/2006/04/metadata"><apiVersion>62.0</apiVersion></ApexClass>\n'
const stored = 'public class Shop {\n  public Integer size;\n}\n'
const same = 'public class Same {\n}\n'

let salesforce: TestSalesforce
let org: EmulatedOrg
let path: string

function write(files: Readonly<Record<string, string>>): string {
  const root = mkdtempSync(join(tmpdir(), 'mayfly-validate-'))
  for (const [file, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, file)), { recursive: true })
    writeFileSync(join(root, file), content)
  }
  return root
}

beforeAll(async () => {
  salesforce = await startSalesforce()
  org = salesforce.org('prod')
  org.metadata.add({
    'classes/Shop.cls': stored,
    'classes/Shop.cls-meta.xml': meta,
    'classes/Same.cls': same,
    'classes/Same.cls-meta.xml': meta,
  })
  path = write({
    'sfdx-project.json': '{"packageDirectories": [{"path": "app"}]}',
    'app/classes/Shop.cls': 'public class Shop {\n  public Integer size(Integer a) {\n    return a;\n  }\n}\n',
    'app/classes/Shop.cls-meta.xml': meta,
    'app/classes/Same.cls': same,
    'app/classes/Same.cls-meta.xml': meta,
    'app/classes/New.cls': 'public class New {}\n',
    'app/classes/New.cls-meta.xml': meta,
  })
})
beforeEach(() =>
  org.deployRules.fail('Shop', { problem: 'Variable does not exist: a', lineNumber: 3, columnNumber: 12 }),
)
afterEach(() => {
  expect(salesforce.emulator.faults.waiting).toBe(0)
  salesforce.emulator.faults.clear()
  org.deployRules.clear()
})
afterAll(async () => {
  rmSync(path, { recursive: true })
  await salesforce.close()
})

const ask = (input: object = {}) => ({
  kind: 'metadata.validate',
  input: { org: 'prod', path, compile: { classes: 'changed' }, failOn: 'never', ...quick, ...input },
  retry: { maxAttempts: 3, backoffSeconds: 0 },
})
const linesOf = ({ result }: ContractTask) =>
  (result as unknown as ValidateResult).findings.map(
    ({ file, line, rule, message }) => `${file}:${line} ${rule} ${message}`,
  )
const compiled = [
  expect.stringContaining('app/classes/New.cls:1 metadata/not-compiled the org has no ApexClass New: '),
  'app/classes/Shop.cls:3 metadata/does-not-compile Variable does not exist: a',
]
/** Nothing stays in the org, and its code is what it was. */
function expectClean(): void {
  expect(org.rows.all('MetadataContainer')).toEqual([])
  expect(org.metadata.get('ApexClass', 'Shop')?.files.get('classes/Shop.cls')?.toString()).toBe(stored)
}
const creates = (object: string) => ({
  match: ({ method, path: asked }: Subject) => method === 'POST' && asked.endsWith(`/tooling/sobjects/${object}`),
})

const looking = {
  match: ({ method, path: asked }: Subject) => method === 'GET' && asked.includes('/ContainerAsyncRequest/'),
}
const asked = () =>
  salesforce.emulator.requests.filter(({ method, url }) => method === 'POST' && url.endsWith('/ContainerAsyncRequest'))
    .length

describe('metadata.validate', () => {
  it('finds in a published sample what would fail there, without an org', async () => {
    const input = { path: join(sample, 'dist'), failOn: 'never' }
    const task = await salesforce.run({ kind: 'metadata.validate', input })
    expect(task.result).toMatchObject({ format: 'source', errors: 1, warnings: 1 })
    expect(linesOf(task)).toEqual([
      expect.stringContaining('fields/Type__c.field-meta.xml:31 syntax an & that begins no entity'),
      expect.stringContaining('propertyrentalapp.webapplication-meta.xml:1 metadata/unknown-type'),
    ])
  })

  it('needs to be told which org compiles', async () => {
    const task = await salesforce.run({ kind: 'metadata.validate', input: { path, compile: { classes: 'changed' } } })
    expect(task.error?.message).toBe('compile: say under org which org is to compile it')
    const strange = await salesforce.run(ask({ compile: { classes: ['Nobody'] } }))
    expect(strange.error?.message).toBe('compile.classes: there is no class or trigger Nobody in the sources')
  })

  it('has an org compile what has changed, and tells at which line it does not', async () => {
    const task = await salesforce.run(ask())
    expect(task).toMatchObject({ state: 'succeeded', result: { errors: 1, warnings: 1, components: 3 } })
    expect(linesOf(task)).toEqual(compiled)
    expectClean()
    org.deployRules.clear()
    expect(linesOf(await salesforce.run(ask({ compile: { classes: ['Shop', 'Same'] } })))).toEqual([])
  })

  it.each([
    ['while the container is filled', creates('ApexClassMember')],
    ['while it asks to compile', creates('ContainerAsyncRequest')],
    ['while it looks', looking],
  ])('goes on when its process is killed %s', async (_, at) => {
    const task = await salesforce.runKilled(ask(), at)
    expect(task).toMatchObject({ state: 'succeeded', attempt: 2 })
    expect(linesOf(task)).toEqual(compiled)
    expectClean()
  })

  alsoInMatrix('looks on after a restart of the orchestrator', async () => {
    const before = asked()
    const { id } = await salesforce.runUntil(ask(), looking.match)
    await salesforce.restart()
    expect(linesOf(await salesforce.mayfly.settled(id))).toEqual(compiled)
    expect(asked() - before).toBe(1)
    expectClean()
  })

  alsoInMatrix('asks once when the answer to its request is lost', async () => {
    const before = asked()
    salesforce.emulator.faults.add({ ...creates('ContainerAsyncRequest'), action: lostResponse })
    expect(linesOf(await salesforce.run(ask()))).toEqual(compiled)
    expect(asked() - before).toBe(1)
    expectClean()
  })

  it('begins again when it does not know whether its container was made or filled', async () => {
    for (const object of ['MetadataContainer', 'ApexClassMember']) {
      salesforce.emulator.faults.add({ ...creates(object), action: lostResponse })
      const task = await salesforce.run(ask())
      expect(task).toMatchObject({ state: 'succeeded', attempt: 2 })
      expect(linesOf(task)).toEqual(compiled)
      expectClean()
    }
  })

  alsoInMatrix('goes on through whatever comes between, with a new session too', async () => {
    const before = asked()
    const { faults } = salesforce.emulator
    for (const action of [maintenance, maintenancePage, resetBeforeHeaders, concurrentLimit, expiredSession])
      faults.add({ ...looking, action })
    faults.add({ ...creates('ApexClassMember'), action: expiredSession })
    const task = await salesforce.run(ask())
    expect(task).toMatchObject({ state: 'succeeded', error: null })
    expect(linesOf(task)).toEqual(compiled)
    expect(asked() - before).toBe(1)
    expectClean()
  })

  it('takes its container with it when it is cancelled', async () => {
    const pace = org.pace.waiting
    org.pace.waiting = 1_000
    const { id } = await salesforce.runUntil(ask(), looking.match)
    await salesforce.mayfly.cancel(id)
    expect(await salesforce.mayfly.settled(id)).toMatchObject({ state: 'cancelled' })
    await expect.poll(() => org.rows.all('MetadataContainer')).toEqual([])
    expect(org.rows.all('ContainerAsyncRequest').at(-1)?.State).toBe('Aborted')
    org.pace.waiting = pace
  })
})

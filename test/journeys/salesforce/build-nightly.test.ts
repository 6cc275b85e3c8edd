/** A build of a project, against a git server, an emulated org and a forge that only takes what came of commits. */
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { unzipSync } from 'fflate'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { ContractTask } from '../../../src/contract/task.ts'
import type { BuildResult } from '../../../workers/build/input.ts'
import { lostResponse, maintenancePage } from '../../emulator/fault-actions.ts'
import type { Subject } from '../../emulator/faults.ts'
import type { EmulatedOrg } from '../../emulator/org.ts'
import { type GitServer, hasGit, startGitServer } from '../../fixtures/git-server.ts'
import { killWorkers, quick, startSalesforce, type TestSalesforce } from '../../fixtures/salesforce.ts'
import { alsoInMatrix } from './support/also-in-matrix.ts'

const token = 'a-token-of-the-forge-0123456789'

const meta = (type: string) =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<${type} xmlns="http://soap.sforce.com/2006/04/metadata"><apiVersion>62.0</apiVersion></${type}>\n`

const project = (packageId: string) => ({
  'sfdx-project.json': JSON.stringify({
    packageDirectories: [{ path: 'app', package: 'shop', versionNumber: '1.0.0.NEXT' }],
    packageAliases: { shop: packageId },
    sourceApiVersion: '62.0',
  }),
  'app/classes/Shop.cls': 'public with sharing class Shop {\n  public Integer sell() {\n    return 1;\n  }\n}\n',
  'app/classes/Shop.cls-meta.xml': meta('ApexClass'),
  'app/classes/ShopTest.cls':
    '@IsTest\nprivate class ShopTest {\n  @IsTest\n  static void sells() {\n    Assert.areEqual(1, new Shop().sell());\n  }\n}\n',
  'app/classes/ShopTest.cls-meta.xml': meta('ApexClass'),
})

/** What is an error for lint, and none for the org. */
const fault = {
  'app/classes/Slow.cls':
    'public with sharing class Slow {\n  public void run(List<Id> ids) {\n    for (Id one : ids) {\n      Account a = [SELECT Id FROM Account WHERE Id = :one];\n    }\n  }\n}\n',
  'app/classes/Slow.cls-meta.xml': meta('ApexClass'),
}

interface Told {
  readonly state: string
  readonly description: string
  readonly context: string
}

/** Takes what is told of commits; `onState` is called before it answers. */
class Forge {
  readonly told: (Told & { readonly path: string; readonly authorization: string | undefined })[] = []
  onState: ((state: string) => void) | undefined
  url = ''
  #server: Server | undefined

  async start(): Promise<void> {
    this.#server = createServer(async (request, response) => {
      let body = ''
      for await (const part of request) body += part
      const told = JSON.parse(body) as Told
      this.told.push({ ...told, path: request.url ?? '', authorization: request.headers.authorization })
      this.onState?.(told.state)
      response.writeHead(201).end('{}')
    }).listen(0, '127.0.0.1')
    await once(this.#server, 'listening')
    this.url = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  get states(): string[] {
    return this.told.map(({ state }) => state)
  }

  close(): void {
    this.#server?.closeAllConnections()
    this.#server?.close()
  }
}

describe.skipIf(!hasGit)('build.nightly', () => {
  const forge = new Forge()
  let salesforce: TestSalesforce
  let git: GitServer
  let org: EmulatedOrg
  let packageId: string

  beforeAll(async () => {
    salesforce = await startSalesforce({ config: { sharedSlots: 4 } })
    org = salesforce.org('prod')
    packageId = org.rows.insert('Package2', { Name: 'shop' })
    git = await startGitServer(project(packageId), fault)
    await forge.start()
    await salesforce.store('git/forge', token)
  })
  afterEach(() => {
    forge.told.length = 0
    forge.onState = undefined
    org.deployments.isHeld = false
  })
  afterAll(async () => {
    forge.close()
    await git.close()
    await salesforce.close()
  })

  const ask = (input: object = {}) => ({
    kind: 'build.nightly',
    input: {
      git: { url: git.url, ref: 'v1' },
      org: 'prod',
      gitToken: 'forge',
      status: { repository: 'acme/shop', apiUrl: forge.url },
      ...quick,
      ...input,
    },
    retry: { backoffSeconds: 0.05 },
  })
  const childrenOf = async (id: string) =>
    (await salesforce.mayfly.get<{ items: ContractTask[] }>('/tasks?limit=100')).items.filter(
      ({ parent }) => parent === id,
    )
  const artifact = async (id: string, name: string) =>
    new Uint8Array(await (await salesforce.mayfly.call('GET', `/tasks/${id}/artifacts/${name}`)).arrayBuffer())
  const json = async (id: string, name: string) => JSON.parse(Buffer.from(await artifact(id, name)).toString())
  const expectGood = ({ state, error, result }: ContractTask) => {
    expect([state, error]).toEqual(['succeeded', null])
    return result as unknown as BuildResult
  }
  /** Submits one whose validation stays in the org until it is let go. */
  const untilDeploying = async () => {
    org.deployments.isHeld = true
    const { id } = await salesforce.mayfly.submit(ask({ force: true }))
    const running = async () => (await childrenOf(id)).find(({ kind }) => kind === 'deploy.validate')
    await expect.poll(running, { interval: 100 }).toBeDefined()
    const child = (await running()) as ContractTask
    await salesforce.mayfly.until(child.id, ({ type, data }) => type === 'task.progress' && data.phase === 'deploying')
    return { id, child: child.id }
  }

  it('packs the commit, has all steps work on it, makes a version, and tells the forge', async () => {
    const task = await salesforce.run(ask({ package: { org: 'prod', packageId, tag: 'nightly' } }))
    const { commit, steps, packageVersion, zip } = expectGood(task)
    expect(steps.map(({ key, isGood, findings }) => [key, isGood, findings])).toEqual([
      ['lint', true, 0],
      ['metadata', true, 0],
      ['deploy', true, 0],
      ['package', true, 0],
    ])
    expect(steps[2]?.says).toBe('Succeeded: 2 components, 1 of 1 test passed, 100 % covered')
    expect(packageVersion).toMatch(/^04t/)
    const inputs = (await childrenOf(task.id)).filter(({ kind }) => kind !== 'auth.refresh')
    expect(inputs.map(({ input }) => (input as { git: { ref: string } }).git.ref)).toEqual(Array(4).fill(commit))
    const files = unzipSync(await artifact(task.id, 'package.zip'))
    const manifest = await json(task.id, 'manifest.json')
    expect(manifest).toMatchObject({ commit, ref: 'v1', zip })
    for (const { path, sha256 } of manifest.files)
      expect(
        createHash('sha256')
          .update(files[path] ?? '')
          .digest('hex'),
      ).toBe(sha256)
    expect(Object.keys(files)).toHaveLength(manifest.files.length)
    expect(forge.states).toEqual(['pending', 'success'])
    expect(forge.told[0]).toMatchObject({
      path: `/repos/acme/shop/statuses/${commit}`,
      authorization: `Bearer ${token}`,
    })
    expect(Buffer.from(await artifact(task.id, 'summary.md')).toString()).toContain('Build of v1 at')
    expect(JSON.stringify(await salesforce.mayfly.events(task.id))).not.toContain(token)
  })

  it('does nothing for a commit that it has built, unless it is told to', async () => {
    const before = salesforce.emulator.requests.length
    const task = await salesforce.run(ask({ package: { org: 'prod', packageId } }))
    expect(expectGood(task)).toMatchObject({ skipped: true, steps: [] })
    expect(salesforce.emulator.requests.length).toBe(before)
    expect(forge.states).toEqual([])
  })

  it('goes no further than what is wrong, and says what that is', async () => {
    const count = org.deployments.all.length
    const task = await salesforce.run(ask({ git: { url: git.url, ref: 'main' } }))
    expect(task.error).toMatchObject({ code: 'BUILD_FAILED', retryable: false })
    expect(task.error?.message).toMatch(/^build of main at [0-9a-f]{12}: Lint: 1 error and 0 warnings in \d+ files/)
    const [finding] = await json(task.id, 'build.nightly.json')
    expect(finding).toMatchObject({ step: 'lint', file: 'app/classes/Slow.cls', line: 4, rule: 'apex/soql-in-loop' })
    const { steps } = await json(task.id, 'report.json')
    expect(steps[2]).toMatchObject({ key: 'deploy', state: 'skipped', task: null })
    expect(org.deployments.all.length).toBe(count)
    expect(forge.states).toEqual(['pending', 'failure'])
  })

  it('is built once although its worker is killed at the beginning and at the end', async () => {
    const count = org.deployments.all.length
    const submitted = Promise.withResolvers<string>()
    const seen = new Set<string>()
    forge.onState = (state) => {
      if (seen.has(state)) return
      seen.add(state)
      void submitted.promise.then((id) => killWorkers(salesforce.mayfly, id))
    }
    const { id } = await salesforce.mayfly.submit(ask({ force: true }))
    submitted.resolve(id)
    expectGood(await salesforce.mayfly.settled(id))
    expect(org.deployments.all.length).toBe(count + 1)
    expect(new Set(forge.states)).toEqual(new Set(['pending', 'success']))
    expect(await childrenOf(id)).toHaveLength(3)
  })

  alsoInMatrix('goes on after a restart in the middle', async () => {
    const count = org.deployments.all.length
    const { id } = await untilDeploying()
    await salesforce.restart()
    org.deployments.isHeld = false
    expectGood(await salesforce.mayfly.settled(id))
    expect(org.deployments.all.length).toBe(count + 1)
  })

  it('takes its steps along when it is cancelled, in the org too, and tells the forge', async () => {
    const { id, child } = await untilDeploying()
    await salesforce.mayfly.cancel(id)
    expect(await salesforce.mayfly.settled(id)).toMatchObject({ state: 'cancelled' })
    expect(await salesforce.mayfly.settled(child)).toMatchObject({ state: 'cancelled' })
    await expect.poll(() => org.deployments.all.at(-1)?.frame?.status, { timeout: 20_000 }).toBe('Canceled')
    await expect.poll(() => forge.states).toEqual(['pending', 'error'])
  })

  describe('package.version.create', () => {
    const make = () => ({
      kind: 'package.version.create',
      input: { org: 'prod', packageId, git: { url: git.url, ref: 'v1' }, ...quick },
      retry: { backoffSeconds: 0.05 },
    })
    const requests = () => org.rows.all('Package2VersionCreateRequest').length
    const isSubmission = ({ method, path }: Subject) =>
      method === 'POST' && path.endsWith('/Package2VersionCreateRequest')
    const isLook = ({ method, path }: Subject) => method === 'GET' && path.includes('/Package2VersionCreateRequest/')
    afterEach(() => salesforce.emulator.faults.clear())

    alsoInMatrix('makes one version, whether an answer is lost or its worker is killed', async () => {
      const before = requests()
      salesforce.emulator.faults.add({ match: isSubmission, action: lostResponse })
      const lost = await salesforce.run(make())
      expect(lost).toMatchObject({ state: 'succeeded', error: null, result: { packageId } })
      expect(requests()).toBe(before + 1)
      for (const at of [{ match: isSubmission, isDone: true }, { match: isLook }]) {
        const count = requests()
        const killed = await salesforce.runKilled(make(), at)
        expect(killed).toMatchObject({ state: 'succeeded', attempt: 2 })
        expect(requests()).toBe(count + 1)
        expect(killed.result).toMatchObject({ requestId: org.rows.all('Package2VersionCreateRequest').at(-1)?.Id })
      }
    })

    it('makes it at the second try of one attempt, where the first did not arrive', async () => {
      const before = requests()
      salesforce.emulator.faults.add({ match: isSubmission, action: maintenancePage })
      const task = await salesforce.run(make())
      expect(task).toMatchObject({ state: 'succeeded', error: null, attempt: 1 })
      expect(requests()).toBe(before + 1)
    })

    it('says why there is none, and that Salesforce cannot stop making one', async () => {
      org.packages.failNextVersion('Shop: no coverage')
      const failed = await salesforce.run(make())
      expect(failed.error).toMatchObject({ code: 'PACKAGE_VERSION_FAILED', retryable: false })
      expect(failed.error?.message).toMatch(/^org prod: no version of 0Ho\w+ was made \(08c\w+\): Shop: no coverage$/)
      org.packages.pace.stage = 1_000
      const { id } = await salesforce.runUntil(make(), isLook)
      await salesforce.mayfly.cancel(id)
      await salesforce.mayfly.settled(id)
      await salesforce.mayfly.untilText(id, 'Salesforce cannot stop it, it goes on')
      org.packages.pace.stage = 1
    })
  })

  it('says what is missing', async () => {
    const nothing = await salesforce.run(ask({ git: { url: git.url, ref: 'gone' } }))
    expect(nothing.error?.message).toBe(`${git.url} has no branch and no tag gone`)
    const untold = await salesforce.run(ask({ gitToken: 'unknown', force: true }))
    expect(untold.error?.message).toMatch(/there is no secret git\/unknown/)
  })
})

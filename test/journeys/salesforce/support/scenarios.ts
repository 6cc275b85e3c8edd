/** One small piece of work of each kind that talks to an org, for the matrix: what it needs, and what it must leave behind. */
import { zipSync } from 'fflate'
import type { JsonObject } from '../../../../src/task/json.ts'
import { readStore } from '../../../../workers/backup/store.ts'
import { encodeSession } from '../../../../workers/salesforce/session.ts'
import { optionsOf } from '../../../emulator/metadata/options.ts'
import type { EmulatedOrg } from '../../../emulator/org.ts'

/** What a scenario works with: an org that is its own, and whatever outlives it. */
export interface Stage {
  /** New; `alias` is its name, and what the task calls it. */
  readonly org: EmulatedOrg
  readonly alias: string
  /** An org that all share, with a backup of it. */
  readonly source: string
  /** A repository whose tag v1 is `project`; null where there is no git. */
  readonly git: string | null
  /** Where backups are. */
  readonly backups: string
  upload(bytes: Uint8Array): Promise<string>
  store(name: string, value: string | Uint8Array): Promise<void>
  /** It is so much later in the org, from now on. */
  pass(ms: number): void
  /** Runs a task to its good end. */
  run(kind: string, input: JsonObject): Promise<JsonObject>
}

export interface Scenario {
  /** The kind, and where one has several what is done. */
  readonly name: string
  readonly kind: string
  /** Its input, without `org`. */
  readonly prepare: (stage: Stage) => Promise<JsonObject>
  /** What the work has done, in a form that another org has after the same. */
  readonly picture?: (stage: Stage) => unknown
  /** Artifacts that belong to the result, line by line in any order. */
  readonly artifacts?: readonly string[]
  /** Its result is about the org, and another when something is wrong with it: for good, or at all. */
  readonly tells?: 'failures' | 'faults'
  /** Names of disturbances that it may fail at, and why. */
  readonly mayFail?: Readonly<Record<string, string>>
  /** Names of disturbances that make no sense, and why. */
  readonly without?: Readonly<Record<string, string>>
  readonly needsGit?: true
}

const meta = (type: string) =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<${type} xmlns="http://soap.sforce.com/2006/04/metadata"><apiVersion>62.0</apiVersion></${type}>\n`
const shop = 'public with sharing class Shop {\n  public Integer sell() {\n    return 1;\n  }\n}\n'
const shopTest =
  '@IsTest\nprivate class ShopTest {\n  @IsTest\n  static void sells() {\n    Assert.areEqual(1, new Shop().sell());\n  }\n}\n'
const classes = (folder: string) => ({
  [`${folder}/Shop.cls`]: shop,
  [`${folder}/Shop.cls-meta.xml`]: meta('ApexClass'),
  [`${folder}/ShopTest.cls`]: shopTest,
  [`${folder}/ShopTest.cls-meta.xml`]: meta('ApexClass'),
})

/** In source format. */
export const project = {
  'sfdx-project.json': JSON.stringify({ packageDirectories: [{ path: 'app' }], sourceApiVersion: '62.0' }),
  ...classes('app/classes'),
}

const manifest =
  '<?xml version="1.0" encoding="UTF-8"?>\n<Package xmlns="http://soap.sforce.com/2006/04/metadata"><types><members>Shop</members><members>ShopTest</members><name>ApexClass</name></types><version>62.0</version></Package>\n'

function pack(files: Readonly<Record<string, string>>): Uint8Array {
  return zipSync(Object.fromEntries(Object.entries(files).map(([path, text]) => [path, Buffer.from(text)])))
}

const metadataOf = ({ org }: Stage) =>
  org.metadata
    .all()
    .map(({ type, fullName }) => `${type} ${fullName}`)
    .sort()
const deploymentsOf = ({ org }: Stage) => org.deployments.all.map(({ frame }) => frame?.status)
const deployed = (stage: Stage) => [metadataOf(stage), deploymentsOf(stage)]
const rowsOf = ({ org }: Stage, object: string, ...fields: string[]) =>
  org.rows
    .all(object)
    .map((row) => JSON.stringify(fields.map((field) => String(row[field]))))
    .sort()

/** The shared org has them too: accounts of each other, with something that belongs to them, and a file. */
export function fillShop({ rows, userId }: EmulatedOrg): void {
  const ids = ['one', 'two', 'three'].map((Name, index) =>
    rows.insert('Account', { Name, Description: `"${index}",\n` }),
  )
  for (const [index, Id] of ids.entries()) {
    rows.update('Account', Id, { ParentId: ids[(index + 1) % ids.length] ?? null })
    rows.insert('Contact', { LastName: `c${index}`, AccountId: Id })
  }
  rows.insert('Attachment', { Name: 'a', ParentId: ids[0] ?? null, Body: Buffer.from('bytes'), OwnerId: userId })
}

export const backedUp = { include: ['Account', 'Contact', 'Attachment'] }

/** Accounts, contacts and attachments by their names. */
function shopOf({ org }: Stage): unknown {
  const name = (id: unknown) => org.rows.all('Account').find(({ Id }) => Id === id)?.Name ?? null
  return [
    org.rows.all('Account').map(({ Name, Description, ParentId }) => `${Name} ${Description} ${name(ParentId)}`),
    org.rows.all('Contact').map(({ LastName, AccountId }) => `${LastName} ${name(AccountId)}`),
    org.rows.all('Attachment').map(({ Name, ParentId, Body }) => `${Name} ${name(ParentId)} ${String(Body)}`),
  ].map((lines) => lines.toSorted())
}

/** The tasks that these submit are not told how often to try. */
const ofChildren = { gone: 'its tasks are tried again for minutes' }

const ofLogins = { 'expired-session': 'it asks for a session, and for nothing with one that may have ended' }

export const scenarios: readonly Scenario[] = [
  {
    name: 'bulk.query',
    kind: 'bulk.query',
    async prepare({ org }) {
      for (let index = 0; index < 12; index++) org.rows.insert('Product2', { Name: `Name "${index}",\nof two lines` })
      return { soql: 'SELECT Name FROM Product2 ORDER BY Name', pageRecords: 5, saveSeconds: 0 }
    },
    artifacts: ['rows.csv'],
  },
  {
    name: 'bulk.ingest',
    kind: 'bulk.ingest',
    async prepare({ org, upload }) {
      org.rows.define('Item__c', { Key__c: { type: 'string', externalId: true } })
      const keys = ['k1', 'k2', 'k3', 'k4', 'k5']
      const csv = `Key__c,Name\n${keys.map((key) => `${key},"of ""${key}"",\nin two lines"\n`).join('')}`
      const chunkBytes = 120
      return { object: 'Item__c', operation: 'insert', upload: await upload(Buffer.from(csv)), chunkBytes }
    },
    picture: (stage) => rowsOf(stage, 'Item__c', 'Key__c', 'Name'),
    artifacts: ['successful.csv'],
  },
  {
    name: 'deploy.validate',
    kind: 'deploy.validate',
    prepare: async ({ upload }) => ({ upload: await upload(pack(project)), testLevel: 'RunLocalTests' }),
    picture: deployed,
  },
  {
    name: 'deploy.run',
    kind: 'deploy.run',
    prepare: async ({ upload }) => ({ upload: await upload(pack(project)) }),
    picture: deployed,
  },
  {
    name: 'deploy.quick',
    kind: 'deploy.quick',
    async prepare({ org }) {
      const options = optionsOf({ singlePackage: true, checkOnly: true, testLevel: 'RunLocalTests' })
      const zip = Buffer.from(pack({ 'package.xml': manifest, ...classes('classes') }))
      const { id } = org.deployments.submit(zip, options, org.userId)
      for (let looks = 0; org.deployments.find(id).endedAtMs === null && looks < 100; looks++) org.deployments.tick()
      return { validationId: id }
    },
    picture: deployed,
  },
  {
    name: 'apex.test',
    kind: 'apex.test',
    async prepare({ org }) {
      org.metadata.add(classes('classes'))
      return { coverage: 'detailed' }
    },
    picture: ({ org }) => org.testRuns.all.map(({ status }) => status),
  },
  {
    name: 'package.install',
    kind: 'package.install',
    async prepare({ org }) {
      const versions = ['One', 'Two'].map((name) => org.packages.publish({ name }))
      return { packages: versions.map((versionId) => ({ versionId })) }
    },
    picture: (stage) => rowsOf(stage, 'PackageInstallRequest', 'Status'),
  },
  {
    name: 'package.version.create',
    kind: 'package.version.create',
    async prepare({ org, upload }) {
      const packageId = org.rows.insert('Package2', { Name: 'shop' })
      const description = {
        packageDirectories: [{ path: 'app', package: 'shop', versionNumber: '1.0.0.NEXT' }],
        packageAliases: { shop: packageId },
        sourceApiVersion: '62.0',
      }
      const files = { ...project, 'sfdx-project.json': JSON.stringify(description) }
      return { packageId, upload: await upload(pack(files)) }
    },
    picture: (stage) => rowsOf(stage, 'Package2VersionCreateRequest', 'Status'),
  },
  {
    name: 'config.check',
    kind: 'config.check',
    prepare: async () => ({ failOn: 'never' }),
  },
  {
    name: 'source.track',
    kind: 'source.track',
    async prepare({ org }) {
      org.metadata.add(classes('classes'))
      return { action: 'retrieve' }
    },
  },
  {
    name: 'metadata.validate',
    kind: 'metadata.validate',
    async prepare({ org, upload }) {
      org.metadata.add({ ...classes('classes'), 'classes/Shop.cls': shop.replace('1', '2') })
      return { upload: await upload(pack(project)), compile: { classes: 'changed' }, failOn: 'never' }
    },
    picture: (stage) => [metadataOf(stage), rowsOf(stage, 'MetadataContainer', 'Name')],
  },
  {
    name: 'metadata.drift',
    kind: 'metadata.drift',
    async prepare({ org, upload }) {
      org.metadata.add({ ...classes('classes'), 'classes/Shop.cls': shop.replace('1', '2') })
      return { upload: await upload(pack(project)) }
    },
    picture: metadataOf,
  },
  {
    name: 'org.validate',
    kind: 'org.validate',
    async prepare({ org, upload }) {
      org.metadata.add(classes('classes'))
      return { upload: await upload(pack(project)), failOn: 'never' }
    },
    picture: deployed,
    tells: 'failures',
    without: ofChildren,
  },
  {
    name: 'org.health',
    kind: 'org.health',
    prepare: async () => ({ checks: ['limits', 'packages'] }),
    tells: 'faults',
  },
  {
    name: 'auth.refresh',
    kind: 'auth.refresh',
    prepare: async () => ({}),
    without: { 'daily-limit': 'it takes no limitWaitSeconds', ...ofLogins },
  },
  {
    name: 'auth.keep',
    kind: 'auth.keep',
    async prepare({ org, alias, store }) {
      const { token, userId, issuedAtMs } = org.sessions.open({
        userId: org.userId,
        clientId: org.sessions.app.clientId,
      })
      const { id: orgId, url: instanceUrl, username } = org
      const session = { accessToken: token, instanceUrl, orgId, userId, username, issuedAtMs }
      await store(`org/${alias}/session`, encodeSession({ ...session, expiresAtMs: Date.now() + 1 }))
      return { aheadSeconds: 0.1, retrySeconds: 0.1 }
    },
    tells: 'failures',
    without: { 'daily-limit': 'it takes no limitWaitSeconds', ...ofChildren, ...ofLogins },
  },
  {
    name: 'env.prepare:scratch',
    kind: 'env.prepare',
    async prepare({ alias }) {
      const settings = { lightningExperienceSettings: { enableS1DesktopEnabled: true } }
      return { alias: `${alias}new`, scratch: { definition: { edition: 'Developer', settings } } }
    },
    // One that was opened and lost is deleted, and another made.
    picture: ({ org }) => org.rows.all('ScratchOrgInfo').filter(({ Status }) => Status === 'Active').length,
  },
  {
    name: 'env.prepare:sandbox',
    kind: 'env.prepare',
    async prepare({ alias }) {
      const activationUserGroupId = '00G000000000001'
      const sandbox = { action: 'create', name: 'dev', licenseType: 'DEVELOPER', activationUserGroupId }
      return { alias: `${alias}new`, sandbox }
    },
    picture: (stage) => rowsOf(stage, 'SandboxProcess', 'SandboxName', 'Status'),
  },
  {
    name: 'org.backup',
    kind: 'org.backup',
    async prepare({ org }) {
      fillShop(org)
      org.metadata.add(classes('classes'))
      return { objects: backedUp, metadata: { types: ['ApexClass'] } }
    },
    picture: ({ backups, alias }) => readStore(backups, alias).whole.size,
  },
  {
    name: 'org.restore',
    kind: 'org.restore',
    async prepare({ org, alias, run, pass }) {
      fillShop(org)
      const { backup } = await run('org.backup', { org: alias, objects: backedUp })
      const [first, second] = org.rows.all('Account')
      const [contact] = org.rows.all('Contact')
      org.rows.update('Account', first?.Id ?? '', { Description: 'wrong', ParentId: null })
      org.rows.remove('Contact', contact?.Id ?? '')
      org.rows.purge('Contact', contact?.Id ?? '')
      org.rows.update('Account', second?.Id ?? '', { Name: 'other' })
      // Rows of the same minute might be those whose making got no answer.
      pass(60_000)
      return { backup: String(backup), settleSeconds: 0 }
    },
    picture: shopOf,
  },
  {
    name: 'org.restore.cross',
    kind: 'org.restore.cross',
    prepare: async ({ source }) => ({ from: source, settleSeconds: 0 }),
    picture: shopOf,
  },
  {
    name: 'build.nightly',
    kind: 'build.nightly',
    prepare: async ({ git }) => ({ git: { url: git, ref: 'v1' }, force: true }),
    picture: deploymentsOf,
    needsGit: true,
    without: ofChildren,
  },
]

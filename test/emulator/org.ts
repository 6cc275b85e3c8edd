import type { Answer } from './answer.ts'
import { Jobs } from './bulk/jobs.ts'
import { defineEnvironmentObjects } from './environments/objects.ts'
import { Sandboxes } from './environments/sandboxes.ts'
import { ScratchOrgs } from './environments/scratch-orgs.ts'
import type { Deployments } from './metadata/deployments.ts'
import { metadataOf } from './metadata/org-metadata.ts'
import type { Retrievals } from './metadata/retrievals.ts'
import type { Rules } from './metadata/rules.ts'
import type { MetadataStore } from './metadata/store.ts'
import { type LoginKind, loginOf } from './oauth/login.ts'
import { Cursors } from './rest/query.ts'
import { addFirstRows } from './rows/first.ts'
import { makeId } from './rows/ids.ts'
import { RowFaults } from './rows/row-faults.ts'
import { defineStandardObjects } from './rows/standard.ts'
import { RowStore } from './rows/store.ts'
import { Sessions } from './sessions.ts'
import { compileContainers } from './tooling/containers.ts'
import { followDeployments } from './tooling/deploy-rows.ts'
import { addFirstFindings } from './tooling/first.ts'
import { defineToolingObjects } from './tooling/objects.ts'
import { Packages } from './tooling/packages.ts'
import { TestRuns } from './tooling/test-runs.ts'

interface Limit {
  readonly Max: number
  readonly Remaining: number
}

export interface OrgOptions {
  /** Alias that tests use; it stands in the user name too. */
  readonly name: string
  /** Milliseconds since 1970; real time unless told otherwise. */
  readonly now?: () => number
  /** Whether SourceMember tells what changed; production orgs do not know it. */
  readonly tracksSource?: boolean
  /** Of the admin; made of the name unless given. */
  readonly username?: string
}

/** One org: its rows, its sessions, and what has happened in it. */
export class EmulatedOrg {
  readonly name: string
  readonly id: string
  /** The admin with whom everyone logs in. */
  readonly userId: string
  readonly username: string
  /** Instance URL: the org has a port of its own. */
  url = ''
  /** Where people log in; shared by all orgs of an emulator. */
  loginUrl = ''
  readonly sessions: Sessions
  readonly rows: RowStore
  readonly now: () => number
  /** API requests of the day. Above `max`, Salesforce answers REQUEST_LIMIT_EXCEEDED. */
  readonly api = { used: 0, max: 100_000 }
  /** What `/limits` says besides the API requests; tests change it. */
  readonly limits: Record<string, Limit> = startingLimits()
  /** When Salesforce works on its instance; milliseconds since 1970. */
  readonly maintenances: { readonly name: string; readonly from: number; readonly to: number }[] = []
  /** Rows of a page of a REST query; Salesforce's own is 2,000. */
  pageRows = 2_000
  /** Rows of a page of a bulk query whose client names no number. */
  bulkPageRows = 50_000
  /** Whether results of bulk queries are compressed for clients that take it, as Salesforce's always are. */
  compressesResults = false
  readonly jobs = new Jobs()
  /** How often a poll of a job finds it waiting, then working, before it is done. */
  readonly pace = { waiting: 1, working: 1 }
  /** What no client should have done; `close()` of the emulator throws with them. */
  readonly complaints: string[] = []
  readonly tracksSource: boolean
  readonly metadata: MetadataStore
  /** What is to go wrong with deployments, compilations and tests. */
  readonly deployRules: Rules
  readonly deployments: Deployments
  readonly retrievals: Retrievals
  /** Queries that were not read to their end; `cursors.expireAll()` makes their locators invalid. */
  readonly cursors = new Cursors()
  /** Rows that will be refused, whatever they hold. */
  readonly rowFaults = new RowFaults()
  /** Whether clients may set who created a row and when ("Set Audit Fields upon Record Creation"). */
  setsAuditFields = false
  readonly testRuns: TestRuns
  readonly packages: Packages
  readonly scratchOrgs: ScratchOrgs
  readonly sandboxes: Sandboxes
  /** Scripts that clients had executed. */
  readonly anonymousApex: string[] = []
  /** Deleted or expired: whoever asks gets 420, as of a scratch org that is no more. */
  isGone = false
  /** Makes a further org in the same emulator. */
  bear: (options: OrgOptions) => Promise<EmulatedOrg> = () => Promise.reject(new Error('The org has no emulator.'))
  readonly #number: number

  constructor({ name, now = Date.now, tracksSource = true, username }: OrgOptions, number: number) {
    this.name = name
    this.now = now
    this.#number = number
    this.id = makeId('00D', number, 1)
    this.userId = makeId('005', number, 1)
    this.username = username ?? `admin@${name}.example.com`
    this.sessions = new Sessions(this.id, name, now)
    this.rows = new RowStore(number, () => this.userId, now)
    defineStandardObjects(this.rows)
    this.tracksSource = tracksSource
    defineToolingObjects(this)
    const { metadata, deployRules, deployments, retrievals } = metadataOf(this)
    this.metadata = metadata
    this.deployRules = deployRules
    this.deployments = deployments
    this.retrievals = retrievals
    followDeployments(this)
    addFirstRows(this)
    addFirstFindings(this.rows)
    compileContainers(this)
    defineEnvironmentObjects(this.rows)
    this.testRuns = new TestRuns(this)
    this.packages = new Packages(this)
    this.scratchOrgs = new ScratchOrgs(this)
    this.sandboxes = new Sandboxes(this)
  }

  /** An id for what is no row: jobs, deployments, cursors. */
  makeId(keyPrefix: string): string {
    const sequence = (this.#sequences.get(keyPrefix) ?? 0) + 1
    this.#sequences.set(keyPrefix, sequence)
    return makeId(keyPrefix, this.#number, sequence)
  }
  readonly #sequences = new Map<string, number>()

  /** What a person would put into the login secret: JSON of an OrgAuth, or the `force://` URL. */
  login(kind: LoginKind): string {
    return loginOf(this, kind)
  }

  /** Whom a JWT may be meant for. */
  audiences(): string[] {
    return [this.url, this.loginUrl, 'https://login.salesforce.com', 'https://test.salesforce.com']
  }

  expireSessions(): void {
    this.sessions.expireAll()
  }

  /** Ends all sessions and all refresh tokens, as an admin does. */
  revoke(): void {
    this.sessions.revokeAll()
  }

  complain(sentence: string): void {
    this.complaints.push(`${this.name}: ${sentence}`)
  }

  /** The header that every REST answer carries. */
  limitHeader(): NonNullable<Answer['headers']> {
    return { 'sforce-limit-info': `api-usage=${this.api.used}/${this.api.max}` }
  }
}

function startingLimits(): Record<string, Limit> {
  return {
    DailyBulkV2QueryJobs: { Max: 10_000, Remaining: 9_999 },
    DailyBulkV2QueryFileStorageMB: { Max: 976_562, Remaining: 976_562 },
    DailyBulkApiBatches: { Max: 15_000, Remaining: 15_000 },
    DailyAsyncApexTests: { Max: 500, Remaining: 500 },
    DailyAsyncApexExecutions: { Max: 250_000, Remaining: 250_000 },
    DataStorageMB: { Max: 1_024, Remaining: 900 },
    FileStorageMB: { Max: 1_024, Remaining: 900 },
    ActiveScratchOrgs: { Max: 40, Remaining: 38 },
    DailyScratchOrgs: { Max: 80, Remaining: 78 },
    Package2VersionCreates: { Max: 6, Remaining: 6 },
  }
}

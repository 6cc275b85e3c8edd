import { ApiError } from '../answer.ts'
import type { EmulatedOrg } from '../org.ts'
import type { Row, RowError } from '../rows/store.ts'
import { advanceOnRead, type Values } from '../tooling/steps.ts'

const dayMs = 24 * 60 * 60 * 1000
const longestDays = 30
/** The app of the Salesforce CLI, which every scratch org knows when nobody names another. */
const commonApp = 'PlatformCLI'

/** The scratch orgs of one Dev Hub. Each that becomes active is an org of the emulator. */
export class ScratchOrgs {
  /** Looks that find a request new, and then being worked on. */
  readonly pace = { waiting: 1, creating: 1 }
  readonly #hub: EmulatedOrg
  readonly #failures: string[] = []
  readonly #orgs = new Map<string, EmulatedOrg>()

  constructor(hub: EmulatedOrg) {
    this.#hub = hub
    const { rows } = hub
    rows.hook('ScratchOrgInfo', {
      check: (row, operation) => (operation === 'insert' ? this.#refusal(row) : null),
      inserted: (row) => this.#begin(row),
      removed: ({ Id }) => this.#end(Id),
    })
    rows.hook('ActiveScratchOrg', {
      removed: ({ ScratchOrgInfoId }) => this.#end(String(ScratchOrgInfoId)),
    })
    advanceOnRead(rows, 'ScratchOrgInfo', (row, looks) => this.#step(row, looks))
  }

  /** The next request ends in this error: `S-1006`. */
  failNext(errorCode: string): void {
    this.#failures.push(errorCode)
  }

  /** The org that a request has made; throws before it is active and after it was deleted. */
  orgOf(scratchOrgInfoId: string): EmulatedOrg {
    const org = this.#orgs.get(scratchOrgInfoId)
    if (!org) throw new ApiError(404, 'NOT_FOUND', `${scratchOrgInfoId} has no scratch org`)
    return org
  }

  get all(): readonly EmulatedOrg[] {
    return [...this.#orgs.values()]
  }

  #refusal({ DurationDays }: Values): RowError | null {
    const used = Object.entries(kindsOfLimit).find(([name]) => (this.#hub.limits[name]?.Remaining ?? 0) <= 0)
    if (used) return { statusCode: 'LIMIT_EXCEEDED', message: used[1], fields: [] }
    const days = Number(DurationDays ?? 7)
    if (days >= 1 && days <= longestDays) return null
    const message = `Duration (Days): must be a number between 1 and ${longestDays}`
    return { statusCode: 'FIELD_INTEGRITY_EXCEPTION', message, fields: ['DurationDays'] }
  }

  /** Counted at once; the org itself comes while its request is worked on. */
  #begin(request: Row): void {
    this.#count('ActiveScratchOrgs', -1)
    this.#count('DailyScratchOrgs', -1)
    const failure = this.#failures.shift()
    if (failure) {
      this.#doomed.set(request.Id, failure)
      return
    }
    const name = `${this.#hub.name}-scratch-${request.Id.slice(-6, -3)}${this.#orgs.size + 1}`
    const username = typeof request.Username === 'string' ? { username: request.Username } : {}
    void this.#hub.bear({ name, now: this.#hub.now, tracksSource: true, ...username }).then((org) => {
      const key = String(request.ConnectedAppConsumerKey ?? commonApp)
      org.sessions.adoptApp(this.#hub.sessions, key)
      this.#ready.set(request.Id, org)
    })
  }
  readonly #doomed = new Map<string, string>()
  readonly #ready = new Map<string, EmulatedOrg>()

  #step(request: Row, looks: number): Values | null {
    if (request.Status !== 'New' && request.Status !== 'Creating') return null
    if (looks < this.pace.waiting) return {}
    if (looks < this.pace.waiting + this.pace.creating) return { Status: 'Creating' }
    const failure = this.#doomed.get(request.Id)
    if (failure) {
      this.#count('ActiveScratchOrgs', 1)
      return { Status: 'Error', ErrorCode: failure }
    }
    const org = this.#ready.get(request.Id)
    return org ? this.#activate(request, org) : { Status: 'Creating' }
  }

  #activate(request: Row, org: EmulatedOrg): Values {
    this.#orgs.set(request.Id, org)
    const { rows, now } = this.#hub
    const expires = new Date(now() + Number(request.DurationDays) * dayMs).toISOString().slice(0, 10)
    const shared = { ScratchOrg: org.id.slice(0, 15), SignupUsername: org.username, ExpirationDate: expires }
    const { OrgName = null, Edition = null } = request
    rows.insert('ActiveScratchOrg', { ScratchOrgInfoId: request.Id, OrgName, Edition, ...shared })
    return {
      ...shared,
      Status: 'Active',
      LoginUrl: org.url,
      SignupInstance: 'EMU1',
      AuthCode: org.sessions.makeCode({ userId: org.userId, clientId: org.sessions.app.clientId }),
    }
  }

  /** Nobody reaches the org any more. */
  #end(requestId: string): void {
    const org = this.#orgs.get(requestId)
    if (!org) return
    this.#orgs.delete(requestId)
    org.isGone = true
    this.#count('ActiveScratchOrgs', 1)
    const { rows } = this.#hub
    if (rows.get('ScratchOrgInfo', requestId)?.IsDeleted === false) {
      rows.update('ScratchOrgInfo', requestId, { Status: 'Deleted' })
    }
    const active = rows.all('ActiveScratchOrg').find(({ ScratchOrgInfoId }) => ScratchOrgInfoId === requestId)
    if (active) rows.remove('ActiveScratchOrg', active.Id)
  }

  #count(name: string, by: number): void {
    const { Max = 0, Remaining = 0 } = this.#hub.limits[name] ?? {}
    this.#hub.limits[name] = { Max, Remaining: Remaining + by }
  }
}

const kindsOfLimit: Readonly<Record<string, string>> = {
  ActiveScratchOrgs: 'The signup request failed because this organization has reached its active scratch org limit',
  DailyScratchOrgs:
    'The signup request failed because this organization has reached its daily scratch org signup limit',
}

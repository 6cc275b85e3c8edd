import { ApiError } from '../answer.ts'
import type { EmulatedOrg } from '../org.ts'
import type { Row, RowError } from '../rows/store.ts'
import { salesforceTime } from '../time.ts'
import { advanceOnRead, type Values } from '../tooling/steps.ts'

/** The sandboxes of one production org. Each that is complete is an org of the emulator with the metadata of its source. */
export class Sandboxes {
  /** Looks that find a copy waiting, and those over which it grows to 100 percent. */
  readonly pace = { waiting: 1, copying: 4 }
  readonly #production: EmulatedOrg
  readonly #failures: ('Stopped' | 'Discarded')[] = []
  /** By the id of its SandboxInfo. */
  readonly #orgs = new Map<string, EmulatedOrg>()
  /** By the id of the SandboxProcess: orgs that are being made. */
  readonly #coming = new Map<string, EmulatedOrg>()
  #made = 0

  constructor(production: EmulatedOrg) {
    this.#production = production
    const { rows } = production
    rows.hook('SandboxInfo', {
      check: (row, operation) => (operation === 'delete' ? null : this.#refusal(row)),
      inserted: (row) => this.#begin(row),
      updated: (row, before) => {
        if (before.IsDeleted === row.IsDeleted) this.#begin(row)
      },
      removed: (row) => this.#end(row),
    })
    advanceOnRead(rows, 'SandboxProcess', (row, looks) => this.#step(row, looks))
  }

  /** The next copy ends like this. */
  failNext(status: 'Stopped' | 'Discarded'): void {
    this.#failures.push(status)
  }

  /** The org of a sandbox by its name; throws before it is complete and after it was deleted. */
  orgNamed(name: string): EmulatedOrg {
    const info = this.#production.rows.all('SandboxInfo').find(({ SandboxName }) => SandboxName === name)
    const org = info && this.#orgs.get(info.Id)
    if (!org) throw new ApiError(404, 'NOT_FOUND', `There is no sandbox ${name} that is complete`)
    return org
  }

  #refusal({ SandboxName, LicenseType, SourceId, ActivationUserGroupId }: Values): RowError | null {
    if (!/^[A-Za-z0-9]{1,10}$/.test(String(SandboxName))) {
      return refused('INVALID_INPUT', 'Sandbox names have up to 10 letters and digits', ['SandboxName'])
    }
    if (!LicenseType && !SourceId) return refused('REQUIRED_FIELD_MISSING', missing('LicenseType'), ['LicenseType'])
    const isSmall = String(LicenseType ?? '').startsWith('DEVELOPER')
    if (isSmall && !ActivationUserGroupId) {
      return refused('REQUIRED_FIELD_MISSING', missing('ActivationUserGroupId'), ['ActivationUserGroupId'])
    }
    return null
  }

  /** A new copy: of a new sandbox, or of one that is refreshed. */
  #begin(info: Row): void {
    const { rows, name, username, now, metadata, bear, sessions } = this.#production
    const { SandboxName = null, LicenseType = null, SourceId = null, Description = null, Features = null } = info
    const { AutoActivate = false, ActivationUserGroupId = null, ApexClassId = null } = info
    const copied = { SandboxName, LicenseType, SourceId, Description, Features, ActivationUserGroupId, ApexClassId }
    const begun = { ...copied, AutoActivate, SandboxInfoId: info.Id, StartDate: salesforceTime(now()), CopyProgress: 0 }
    const processId = rows.insert('SandboxProcess', begun)
    this.#made += 1
    const source = [...this.#orgs].find(([id]) => id === SourceId)?.[1].metadata ?? metadata
    const login = `${username}.${String(SandboxName).toLowerCase()}`
    void bear({ name: `${name}--${SandboxName}-${this.#made}`, username: login, now, tracksSource: true }).then(
      (org) => {
        org.sessions.adoptApp(sessions)
        for (const component of source.all()) org.metadata.put(component)
        this.#coming.set(processId, org)
      },
    )
  }

  #step(process: Row, looks: number): Values | null {
    const { waiting, copying } = this.pace
    if (process.Status === 'Pending Activation')
      return process.RefreshAction === 'ACTIVATE' ? { Status: 'Activating' } : {}
    if (process.Status === 'Activating') return this.#complete(process)
    if (process.Status !== 'Pending' && process.Status !== 'Processing') return null
    if (looks < waiting) return {}
    const progress = Math.min(100, Math.floor((100 * (looks - waiting)) / copying))
    const failure = progress >= 50 ? this.#failures.shift() : undefined
    if (failure) return { Status: failure, EndDate: salesforceTime(this.#production.now()) }
    if (progress < 100 || !this.#coming.has(process.Id))
      return { Status: 'Processing', CopyProgress: Math.min(progress, 99) }
    const isAutomatic = process.AutoActivate === true || !this.#orgs.has(String(process.SandboxInfoId))
    return { Status: isAutomatic ? 'Activating' : 'Pending Activation', CopyProgress: 100 }
  }

  #complete(process: Row): Values {
    const org = this.#coming.get(process.Id)
    if (!org) return {}
    const infoId = String(process.SandboxInfoId)
    const before = this.#orgs.get(infoId)
    if (before) before.isGone = true
    this.#orgs.set(infoId, org)
    const time = salesforceTime(this.#production.now())
    return { Status: 'Completed', SandboxOrganization: org.id.slice(0, 15), EndDate: time, ActivatedDate: time }
  }

  #end(info: Row): void {
    const org = this.#orgs.get(info.Id)
    if (org) org.isGone = true
    this.#orgs.delete(info.Id)
    const { rows } = this.#production
    const own = rows.all('SandboxProcess').filter(({ SandboxInfoId }) => SandboxInfoId === info.Id)
    for (const { Id } of own) rows.update('SandboxProcess', Id, { Status: 'Deleted' })
  }
}

function refused(statusCode: string, message: string, fields: readonly string[]): RowError {
  return { statusCode, message, fields }
}

function missing(field: string): string {
  return `Required fields are missing: [${field}]`
}

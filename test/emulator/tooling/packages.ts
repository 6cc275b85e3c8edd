import { randomUUID } from 'node:crypto'
import type { EmulatedOrg } from '../org.ts'
import type { Row, RowError } from '../rows/store.ts'
import { advanceOnRead, complex, type Values } from './steps.ts'

/** A package version that can be installed. */
export interface Release {
  readonly name: string
  readonly namespace?: string
  /** `1.2.3.4`. */
  readonly version?: string
  /** Without it nobody can install the version. */
  readonly installationKey?: string
  readonly kind?: 'Unlocked' | 'Managed'
  /** How many looks find it not yet there, as right after it was made. */
  readonly unavailableLooks?: number
}

const stages = [
  'Queued',
  'Initializing',
  'VerifyingFeaturesAndSettings',
  'VerifyingDependencies',
  'VerifyingMetadata',
  'FinalizingPackageVersion',
  'PerformingValidations',
  'Success',
]

/** The packages that one org installs and makes. */
export class Packages {
  /** Looks that find an installation, or each stage of making a version, in progress. */
  readonly pace = { installing: 2, stage: 1 }
  readonly #org: EmulatedOrg
  readonly #failures: string[] = []
  readonly #versionFailures: string[] = []
  readonly #unavailable = new Map<string, number>()

  constructor(org: EmulatedOrg) {
    this.#org = org
    const { rows } = org
    rows.hook('PackageInstallRequest', { check: (row, operation) => (operation === 'insert' ? this.#busy(row) : null) })
    advanceOnRead(rows, 'PackageInstallRequest', (row, looks) => {
      if (row.Status !== 'IN_PROGRESS') return null
      return looks < this.pace.installing ? {} : this.#install(row)
    })
    advanceOnRead(rows, 'PackageUninstallRequest', (row, looks) => {
      if (row.Status !== 'Queued' && row.Status !== 'InProgress') return null
      return looks < this.pace.installing ? { Status: 'InProgress' } : this.#uninstall(row)
    })
    rows.hook('SubscriberPackageVersion', { read: (row) => this.#seen(row) })
    advanceOnRead(rows, 'Package2VersionCreateRequest', (row, looks) => this.#make(row, looks))
  }

  /** Makes a version known, so that it can be installed; returns its 04t id. */
  publish({
    name,
    namespace,
    version = '1.0.0.1',
    installationKey,
    kind = 'Unlocked',
    unavailableLooks = 0,
  }: Release): string {
    const { rows } = this.#org
    const known = rows.all('SubscriberPackage').find(({ Name }) => Name === name)
    const packageId = known?.Id ?? rows.insert('SubscriberPackage', { Name: name, NamespacePrefix: namespace ?? null })
    const [MajorVersion = 1, MinorVersion = 0, PatchVersion = 0, BuildNumber = 1] = version.split('.').map(Number)
    const id = rows.insert('SubscriberPackageVersion', {
      SubscriberPackageId: packageId,
      Name: `ver ${version}`,
      MajorVersion,
      MinorVersion,
      PatchVersion,
      BuildNumber,
      InstallationKey: installationKey ?? null,
      IsPasswordProtected: installationKey !== undefined,
      Package2ContainerOptions: kind,
      InstallValidationStatus: unavailableLooks > 0 ? 'PACKAGE_UNAVAILABLE' : 'NO_ERRORS_DETECTED',
    })
    this.#unavailable.set(id, unavailableLooks)
    return id
  }

  /** The next installation ends in this error. */
  failNextInstall(message: string): void {
    this.#failures.push(message)
  }

  /** The next version that is made ends in this error. */
  failNextVersion(message: string): void {
    this.#versionFailures.push(message)
  }

  #seen(row: Row): Row {
    const left = this.#unavailable.get(row.Id) ?? 0
    if (left === 0) return row
    this.#unavailable.set(row.Id, left - 1)
    if (left > 1) return row
    this.#org.rows.update('SubscriberPackageVersion', row.Id, { InstallValidationStatus: 'NO_ERRORS_DETECTED' })
    return this.#org.rows.get('SubscriberPackageVersion', row.Id) ?? row
  }

  /** One installation runs at a time. */
  #busy({ SubscriberPackageVersionKey }: Values): RowError | null {
    const { rows } = this.#org
    const running = rows.all('PackageInstallRequest').find(({ Status }) => Status === 'IN_PROGRESS')
    if (running) {
      const message = 'Another package install is in progress. Please wait for it to finish, then try again.'
      return { statusCode: 'ALREADY_IN_PROCESS', message, fields: [] }
    }
    if (rows.get('SubscriberPackageVersion', String(SubscriberPackageVersionKey))) return null
    const message = `The requested package doesn't yet exist or has been deleted: ${SubscriberPackageVersionKey}`
    return { statusCode: 'INVALID_ID_FIELD', message, fields: ['SubscriberPackageVersionKey'] }
  }

  #install(request: Row): Values {
    const { rows } = this.#org
    const id = String(request.SubscriberPackageVersionKey)
    const version = rows.get('SubscriberPackageVersion', id)
    const wrongKey = version?.InstallationKey && version.InstallationKey !== request.Password
    const failure = wrongKey ? 'Invalid installation key' : this.#failures.shift()
    if (failure || !version) return { Status: 'ERROR', Errors: complex({ errors: [{ message: failure }] }) }
    const installed = rows
      .all('InstalledSubscriberPackage')
      .find(({ SubscriberPackageId }) => SubscriberPackageId === version.SubscriberPackageId)
    const values = { SubscriberPackageVersionId: version.Id }
    if (installed) rows.update('InstalledSubscriberPackage', installed.Id, values)
    else
      rows.insert('InstalledSubscriberPackage', {
        ...values,
        SubscriberPackageId: version.SubscriberPackageId ?? null,
      })
    return { Status: 'SUCCESS' }
  }

  #uninstall({ SubscriberPackageVersionId }: Row): Values {
    const { rows } = this.#org
    const installed = rows
      .all('InstalledSubscriberPackage')
      .find((row) => row.SubscriberPackageVersionId === SubscriberPackageVersionId)
    if (!installed) return { Status: 'Error' }
    rows.purge('InstalledSubscriberPackage', installed.Id)
    return { Status: 'Success' }
  }

  #make(request: Row, looks: number): Values | null {
    if (request.Status === 'Success' || request.Status === 'Error') return null
    const status = stages[Math.floor((looks + 1) / this.pace.stage)] ?? 'Success'
    const failure = status === 'Success' ? this.#versionFailures.shift() : undefined
    if (failure) {
      this.#org.rows.insert('Package2VersionCreateRequestError', { ParentRequestId: request.Id, Message: failure })
      return { Status: 'Error' }
    }
    return status === 'Success' ? { Status: status, ...this.#version(request) } : { Status: status }
  }

  #version(request: Row): Values {
    const { rows } = this.#org
    const made = rows.get('Package2', String(request.Package2Id))
    const build = 1 + rows.all('Package2Version').filter(({ Package2Id }) => Package2Id === request.Package2Id).length
    const subscriberId = this.publish({
      name: String(made?.Name ?? randomUUID()),
      version: `1.0.0.${build}`,
      ...(typeof request.InstallKey === 'string' ? { installationKey: request.InstallKey } : {}),
    })
    const id = rows.insert('Package2Version', {
      Package2Id: request.Package2Id ?? null,
      SubscriberPackageVersionId: subscriberId,
      Name: `ver 1.0.0.${build}`,
      Tag: request.Tag ?? null,
      Branch: request.Branch ?? null,
      MajorVersion: 1,
      MinorVersion: 0,
      PatchVersion: 0,
      BuildNumber: build,
      HasPassedCodeCoverageCheck: request.CalculateCodeCoverage === true,
      CodeCoverage: request.CalculateCodeCoverage === true ? complex({ apexCodeCoveragePercentage: 100 }) : null,
      ValidationSkipped: request.SkipValidation === true,
    })
    return { Package2VersionId: id, SubscriberPackageVersionId: subscriberId }
  }
}

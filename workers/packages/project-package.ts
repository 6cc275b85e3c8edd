/** What `sfdx-project.json` says of a package: what Salesforce wants to be told when a version of it is made. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { messageOf } from '../../src/system/message.ts'
import { FatalError } from '../errors/steering.ts'

interface Directory {
  readonly path: string
  readonly package?: string
  readonly versionName?: string
  readonly versionNumber?: string
  readonly versionDescription?: string
  readonly ancestorId?: string
  readonly dependencies?: readonly Dependency[]
}

interface Dependency {
  readonly package?: string
  readonly subscriberPackageVersionId?: string
}

interface ProjectFile {
  readonly packageDirectories?: readonly Directory[]
  readonly packageAliases?: Readonly<Record<string, string>>
}

export interface Versioned {
  readonly packageId: string
  /** As in 1.2.0.NEXT; the project's when left out. */
  readonly versionNumber?: string
  readonly versionName?: string
}

export interface Descriptor {
  readonly id: string
  readonly path: string
  readonly versionName: string
  readonly versionNumber: string
  readonly versionDescription?: string
  readonly ancestorId?: string
  readonly dependencies?: readonly { readonly subscriberPackageVersionId: string }[]
}

/** Throws FatalError, a sentence that says what the project lacks. */
export function descriptorOf(root: string, wanted: Versioned): Descriptor {
  const { packageDirectories = [], packageAliases = {} } = read(join(root, 'sfdx-project.json'))
  const idOf = (name = '') => packageAliases[name] ?? name
  const own = packageDirectories.find((one) => one.package !== undefined && idOf(one.package) === wanted.packageId)
  if (!own)
    throw new FatalError(
      `sfdx-project.json has no package directory of ${wanted.packageId}: name it there under "package", and its id under "packageAliases"`,
    )
  const versionNumber = wanted.versionNumber ?? own.versionNumber
  if (versionNumber === undefined)
    throw new FatalError(`say which version of ${own.package} is made: versionNumber, such as 1.2.0.NEXT`)
  const dependencies = own.dependencies?.map(({ package: name, subscriberPackageVersionId: id = idOf(name) }) => {
    if (id.startsWith('04t')) return { subscriberPackageVersionId: id }
    throw new FatalError(
      `the dependency ${name} of ${own.package} is none of "packageAliases" that is a version (04t…)`,
    )
  })
  return {
    id: wanted.packageId,
    path: own.path,
    versionName: wanted.versionName ?? own.versionName ?? `ver ${versionNumber.replace(/\.NEXT$/, '')}`,
    versionNumber,
    ...(own.versionDescription !== undefined && { versionDescription: own.versionDescription }),
    ...(own.ancestorId !== undefined && { ancestorId: idOf(own.ancestorId) }),
    ...(dependencies && { dependencies }),
  }
}

function read(file: string): ProjectFile {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as ProjectFile
  } catch (error) {
    throw new FatalError(`sfdx-project.json cannot be read: ${messageOf(error)}`)
  }
}

import type { DeployInput } from '../deploy/input.ts'
import type { OrgInput } from '../salesforce/input.ts'
import type { Drift } from './compare.ts'

export interface DriftInput
  extends OrgInput,
    Pick<DeployInput, 'upload' | 'git' | 'directory' | 'packageDirectories' | 'include' | 'exclude'> {
  /** `Type:Name`, with `*` for any part of it. */
  readonly ignore?: readonly string[]
  readonly failOn?: 'any' | 'never'
}

export interface DriftResult {
  readonly org: string
  readonly same: number
  readonly changed: number
  readonly onlyHere: number
  readonly onlyThere: number
  readonly drifts: readonly (Drift & { readonly file: string | null })[]
  readonly truncated: boolean
  readonly apiUsage: { readonly calls: number; readonly used: number | null; readonly limit: number | null }
}

import type { Thresholds } from '../apex-tests/coverage.ts'
import type { ShownStep } from '../composite/report.ts'
import type { GitInput } from '../composite/source.ts'
import type { DeployInput } from '../deploy/input.ts'
import type { OrgInput } from '../salesforce/input.ts'

export interface ValidateOrgInput
  extends GitInput,
    OrgInput,
    Pick<DeployInput, 'upload' | 'directory' | 'packageDirectories' | 'include' | 'exclude'> {
  /** How its code is tried: by a validation of the sources with all local tests, by the tests that the org has, or not. */
  readonly tests?: 'validate' | 'run' | 'none'
  readonly coverage?: Thresholds
  /** Components whose drift does not count. */
  readonly ignore?: readonly string[]
  /** The task fails below it. */
  readonly minScore?: number
  readonly failOn?: 'any' | 'never'
}

export interface ValidateOrgResult {
  readonly org: string
  /** Out of 100. */
  readonly score: number
  /** Of the sources, where they came from git. */
  readonly commit: string | null
  readonly steps: readonly ShownStep[]
  readonly findings: readonly object[]
  readonly truncated: boolean
}

/** A checkpoint. */
export interface Saved {
  readonly commit: string | null
}

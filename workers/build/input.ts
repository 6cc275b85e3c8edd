import type { Thresholds } from '../apex-tests/coverage.ts'
import type { FailOn } from '../composite/judge.ts'
import type { ShownStep } from '../composite/report.ts'
import type { GitInput } from '../composite/source.ts'
import type { DeployInput } from '../deploy/input.ts'
import type { ZipFacts } from '../deploy/report/result.ts'
import type { CreateInput } from '../packages/create-version.ts'
import type { OrgInput } from '../salesforce/input.ts'
import type { GitReference } from '../sources/git.ts'

export interface BuildInput
  extends GitInput,
    Partial<OrgInput>,
    Pick<DeployInput, 'directory' | 'packageDirectories' | 'include' | 'exclude' | 'testLevel'> {
  readonly git: GitReference
  readonly coverage?: Thresholds
  readonly failOn?: FailOn
  readonly package?: Pick<
    CreateInput,
    'org' | 'packageId' | 'versionNumber' | 'versionName' | 'tag' | 'branch' | 'codeCoverage' | 'skipValidation'
  >
  readonly status?: StatusInput
  /** Also when the commit has been built already. */
  readonly force?: boolean
}

/** Where a forge is told what came of a commit. */
export interface StatusInput {
  /** owner/name */
  readonly repository: string
  readonly apiUrl?: string
  readonly context?: string
  readonly targetUrl?: string
}

export interface BuildResult {
  /** The commit was built before, and nothing was done. */
  readonly skipped: boolean
  readonly commit: string
  readonly zip: ZipFacts | null
  readonly steps: readonly ShownStep[]
  /** 04t… of the version that was made. */
  readonly packageVersion: string | null
}

/** A checkpoint: what is built, from the first attempt on. */
export interface Saved {
  readonly commit: string
  readonly zip: ZipFacts
}

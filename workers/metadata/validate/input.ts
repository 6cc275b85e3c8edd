import type { LintInput } from '../../lint/schema.ts'
import type { CheckName } from './check-names.ts'

export interface ValidateInput
  extends Pick<LintInput, 'upload' | 'path' | 'git' | 'include' | 'exclude' | 'baseline' | 'format' | 'failOn'> {
  readonly checks?: readonly CheckName[]
  /** Of which code an org is asked whether it compiles. */
  readonly compile?: { readonly classes: 'changed' | readonly string[] }
  readonly org?: string
  readonly apiVersion?: string
  readonly pollSeconds?: number
  readonly limitWaitSeconds?: number
}

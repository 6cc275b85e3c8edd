import { maxSecretsPerTenant, type PutAnswer } from '../journal/secrets.ts'
import { Refusal } from '../task/errors.ts'

/** Why a secret was not stored, and what to do. */
export function putRefusal(answer: Exclude<PutAnswer, 'stored'>, name: string): Refusal {
  switch (answer) {
    case 'stale':
      return new Refusal('CONFLICT', `the secret ${name} was changed at the same time: look at it, and try again`)
    case 'too many': {
      const message = `there are ${maxSecretsPerTenant} secrets, as many as one tenant may have: delete one that is not used any more`
      return new Refusal('CONFLICT', message)
    }
    case 'over':
      return new Refusal('CONFLICT', 'this attempt is over: it stores nothing more')
  }
}

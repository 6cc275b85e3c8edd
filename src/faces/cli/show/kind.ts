import type { ContractKind } from '../../../contract/kinds.ts'
import { pairs } from '../output.ts'
import { typeOf } from '../types/schema.ts'
import { duration } from '../words.ts'

/** What a kind is for, takes and gives, for people. */
export function kindText({
  kind,
  title,
  pool,
  limits,
  retry,
  concurrency,
  secrets,
  input,
  result,
}: ContractKind): string {
  const summary = pairs([
    ['kind', kind],
    ['about', title],
    ['pool', pool],
    ['runs', `${duration(limits.runSeconds * 1_000)} at most, ${limits.memoryMiB} MiB, ${attempts(retry.maxAttempts)}`],
    ['one at once', concurrency && `${concurrency.limit === 1 ? '' : `(${concurrency.limit}) `}of ${concurrency.key}`],
    ...Object.entries(secrets ?? {}).map(
      ([name, { required, reference }]) =>
        ['secret', [name, required ? 'required' : '', reference ?? ''].filter(Boolean).join(', ')] as const,
    ),
  ])
  return `${summary}\n\ninput ${typeOf(input)}\n\nresult ${result ? typeOf(result) : 'unknown'}`
}

function attempts(count: number): string {
  return count === 1 ? 'one attempt' : `${count} attempts`
}

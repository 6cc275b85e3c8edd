/** Which tests run again: tests that run side by side hold each other's rows, and pass when they run alone. */
import type { Chosen, TestInput } from './input.ts'
import type { MethodResult } from './method.ts'

const locked =
  /UNABLE_TO_LOCK_ROW|unable to obtain exclusive access|ALREADY_IN_PROCESS|deadlock|CANNOT_EXECUTE_FLOW_TRIGGER.*LOCK/i

/** A class at a time, in order of their names: the same for the same results, whoever works it out again. */
export function toRunAgain(
  results: readonly MethodResult[],
  { which = 'locks' }: NonNullable<TestInput['retryFailed']>,
): readonly Chosen[] {
  const wanted = results.filter(
    ({ outcome, method, message, stackTrace }) =>
      outcome === 'fail' && method !== '(class)' && (which === 'all' || locked.test(`${message} ${stackTrace}`)),
  )
  return [...Map.groupBy(wanted, ({ className }) => className)]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([className, all]) => ({ className, testMethods: all.map(({ method }) => method).sort() }))
}

/** The later result of a method counts. */
export function withLater(results: readonly MethodResult[], later: readonly MethodResult[]): readonly MethodResult[] {
  const newer = new Map(later.map((one) => [keyOf(one), one]))
  return results.map((one) => newer.get(keyOf(one)) ?? one)
}

function keyOf({ className, method }: MethodResult): string {
  return `${className}.${method}`
}

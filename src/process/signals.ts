import { constants } from 'node:os'

/** Some signals have two names; the first in the list is the usual one, so it is entered last. */
const names = new Map<number, string>(
  Object.entries(constants.signals)
    .map(([name, number]) => [number, name] as const)
    .reverse(),
)

/** The usual name of a signal; undefined where it has none. */
export function nameOfSignal(number: number): string | undefined {
  return names.get(number)
}

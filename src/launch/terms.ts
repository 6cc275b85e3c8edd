import { handedOnBy, handingOnRefusal } from '../kinds/handing-on.ts'
import type { Kind, Registry } from '../kinds/registry.ts'
import { fill } from '../kinds/templates.ts'
import type { Terms } from '../secrets/lend.ts'
import { SecretUnavailable } from '../secrets/unusable.ts'
import type { Task } from '../task/task.ts'

export interface TermsDeps {
  readonly registry: Registry
  /** Whether tasks may hand secrets on to commands, as things are now. */
  readonly mayHandOn: () => boolean
}

/** On which terms a task is lent its secrets. */
export function termsOf(task: Task, { registry, mayHandOn }: TermsDeps): Terms {
  const kind = registry.get(task.kind)
  return { handedTo: handedTo(task, kind, mayHandOn), dispensable: dispensableOf(task, kind) }
}

/** Asked again: what was allowed when the task was submitted need not be any more. */
function handedTo({ input }: Task, kind: Kind | undefined, mayHandOn: () => boolean): Terms['handedTo'] {
  const all = handedOnBy(kind, input)
  if (all.length > 0 && !mayHandOn()) throw new SecretUnavailable(handingOnRefusal)
  const targets = Map.groupBy(all, ({ secret }) => secret)
  return new Map([...targets].map(([secret, handed]) => [secret, handed.map(({ to }) => to)]))
}

/** Those that the kind has for what a request does not give, and can do without. */
function dispensableOf({ secrets, input }: Task, kind: Kind | undefined): Terms['dispensable'] {
  const declared = Object.entries(kind?.secrets ?? {})
  const isSuch = ([name, { required, reference }]: (typeof declared)[number]) =>
    !required && reference !== undefined && secrets[name] === fill(reference, input)
  return new Set(declared.filter(isSuch).map(([name]) => name))
}

import type { TaskRequest } from '../contract/request.ts'
import type { Kind } from '../kinds/registry.ts'
import { fill } from '../kinds/templates.ts'
import { Refusal } from '../task/errors.ts'
import type { Task } from '../task/task.ts'

const longestKeyCharacters = 200

/** What a task shares with others that must not run beside it: its kind's to say, or else the request's. */
export function concurrencyOf({ concurrency: asked, input }: TaskRequest, kind: Kind): Task['concurrency'] {
  const own = kind.concurrency
  const key = own && fill(own.key, input)
  if (!own || key == null) return asked ? { limit: 1, ...asked } : null
  if (key.length > longestKeyCharacters) {
    const message = `its concurrency key ${key.slice(0, 40)}… would have ${key.length} characters: ${longestKeyCharacters} at most`
    throw new Refusal('INVALID_INPUT', message)
  }
  const { limit } = own
  if (asked && (asked.key !== key || (asked.limit ?? limit) !== limit)) {
    const message = `${kind.name} runs under the concurrency key ${key} with limit ${limit}: leave concurrency out, or give just that`
    throw new Refusal('INVALID_INPUT', message)
  }
  return { ...asked, key, limit }
}

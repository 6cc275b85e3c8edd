/** Secrets that a task stores for whoever comes after it: only those that its kind may, and only while its attempt runs. */
import type { Registry } from './kinds/registry.ts'
import { fill } from './kinds/templates.ts'
import type { Providers } from './secrets/providers.ts'
import { vaultNameOf } from './secrets/reference.ts'
import type { Vault } from './secrets/vault.ts'
import type { StoreInquiry } from './stream/inquiries.ts'
import type { Clock } from './system/clock.ts'
import type { Witness } from './system/waypoint.ts'
import { Refusal } from './task/errors.ts'
import type { Task } from './task/task.ts'

export interface StoringDeps {
  readonly registry: Registry
  readonly providers: Pick<Providers, 'forbids'>
  readonly vault: Pick<Vault, 'putFor'>
  readonly clock: Pick<Clock, 'now'>
  readonly witness: Witness
}

export class Storing {
  readonly #deps: StoringDeps

  constructor(deps: StoringDeps) {
    this.#deps = deps
  }

  /** Wipes the value; resolves once it and its audit entry are durable. Throws a Refusal. */
  async store(task: Task, { name, value }: StoreInquiry): Promise<null> {
    const { vault, clock, witness } = this.#deps
    try {
      const place = this.#placeOf(task, name)
      witness('secret.storing', task.id)
      await vault.putFor({ task: task.id, attempt: task.attempt }, task.tenant, place, value, clock.now())
      witness('secret.stored', task.id)
      return null
    } finally {
      value.fill(0)
    }
  }

  /** The name in the tenant's vault. */
  #placeOf({ kind, input, tenant }: Task, name: string): string {
    const { registry, providers } = this.#deps
    const granted = new Map(Object.entries(registry.get(kind)?.stores ?? {}))
    const template = granted.get(name)
    if (template === undefined) {
      const known = [...granted.keys()].join(', ') || 'none'
      throw new Refusal('FORBIDDEN', `tasks of ${kind} may store no secret ${name}, but ${known}: its kind says so`)
    }
    const reference = fill(template, input)
    const place = reference && vaultNameOf(reference)
    if (!reference || !place) {
      throw new Refusal(
        'INVALID_INPUT',
        `the secret ${name} cannot be stored: with this input, ${template} is no place`,
      )
    }
    const forbidden = providers.forbids(tenant, reference)
    if (forbidden !== undefined) throw new Refusal('FORBIDDEN', forbidden)
    return place
  }
}

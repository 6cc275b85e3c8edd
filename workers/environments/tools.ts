/** What the steps of a preparation work with: the org that makes orgs, and the one that it made. */
import type { Context } from '../context.ts'
import { type Org, openOrg } from '../salesforce/org.ts'
import type { EnvInput } from './input.ts'
import type { EnvMemory } from './saved.ts'

export class Tools {
  readonly context: Context<EnvInput>
  readonly memory: EnvMemory
  readonly #isCleanup: boolean
  #hub: Promise<Org> | undefined
  #made: Promise<Org> | undefined

  constructor(context: Context<EnvInput>, memory: EnvMemory, isCleanup = false) {
    this.context = context
    this.memory = memory
    this.#isCleanup = isCleanup
  }

  /** The Dev Hub, or the production org of a sandbox. */
  hub(): Promise<Org> {
    this.#hub ??= this.#open()
    return this.#hub
  }

  /** The new org, once its session is stored. */
  made(): Promise<Org> {
    this.#made ??= openOrg(this.context, { org: this.context.input.alias, session: 'made' })
    return this.#made
  }

  async #open(): Promise<Org> {
    const { apiVersion } = this.memory.saved
    const org = await openOrg(this.context, { isCleanup: this.#isCleanup, ...(apiVersion && { apiVersion }) })
    this.memory.note({ apiVersion: org.apiVersion })
    return org
  }

  /** Ends this process; the next attempt comes after so many seconds, or as many as `pollSeconds` says. */
  later(seconds: number): never {
    const { pollSeconds = seconds } = this.context.input
    const resumeAt = new Date(Date.now() + pollSeconds * 1_000)
    return this.context.suspend({ resumeAt, checkpoint: this.memory.json })
  }
}

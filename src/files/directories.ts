import { mkdirSync, readdirSync, statSync } from 'node:fs'
import { rename } from 'node:fs/promises'
import { join } from 'node:path'
import { give } from './give.ts'
import { type Measured, measureTree } from './measure.ts'
import { removeTree } from './remove.ts'

export interface DirectoriesOptions {
  readonly root: string
  /** Of all that one tenant has together. */
  readonly mostMiB: number
}

/** No tenant is called so. */
const removing = '.removed-'
const privately = { mode: 0o700, recursive: true } as const
/** As many as a walk of half a minute passes. */
const maxEntries = 1_000_000

/**
 * Directories of tenants, each named by the kinds that share it: what outlives tasks, such as backups. They are made when
 * they are first asked for, and gone with their tenant.
 */
export class Directories {
  readonly mostMiB: number
  readonly #root: string

  constructor({ root, mostMiB }: DirectoriesOptions) {
    this.#root = root
    this.mostMiB = mostMiB
  }

  pathOf(tenant: string, name: string): string {
    return join(this.#root, tenant, name)
  }

  /** The path of one that is there. */
  open(tenant: string, name: string): string {
    const path = this.pathOf(tenant, name)
    mkdirSync(path, privately)
    return path
  }

  /** Makes whoever this is the owner of one, and of all in it: of some already it need not be. Nobody works on it. */
  async give(path: string, owner: number): Promise<void> {
    if (statSync(path).uid !== owner) await give(path, owner)
  }

  /** What all of a tenant take. */
  measure(tenant: string): Promise<Measured> {
    return measureTree(join(this.#root, tenant), Number.POSITIVE_INFINITY, maxEntries)
  }

  /** Removes all of a tenant that is gone; false when something is left all the same. */
  async remove(tenant: string): Promise<boolean> {
    const removed = join(this.#root, removing + tenant)
    await removeTree(removed)
    try {
      await rename(join(this.#root, tenant), removed)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return true
      throw error
    }
    return removeTree(removed)
  }

  /**
   * Removes what an earlier start had begun to. Nothing else: of a tenant that is not known the journal may have been
   * lost, and the backups must not be lost with it.
   */
  async removeLeftovers(): Promise<void> {
    mkdirSync(this.#root, privately)
    const left = readdirSync(this.#root).filter((name) => name.startsWith(removing))
    await Promise.all(left.map((name) => removeTree(join(this.#root, name))))
  }
}

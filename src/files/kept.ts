import { existsSync, mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { type Measured, measureTree, nothing } from './measure.ts'
import { removeTree } from './remove.ts'

/**
 * Kept directories: a task's own, with what its checkpoints refer to, there from when it first asks for it until it has
 * ended. Workers make them; whoever does not need one costs nothing but a look.
 */
export class KeptDirectories {
  readonly #root: string

  constructor(root: string) {
    this.#root = root
    mkdirSync(root, { recursive: true, mode: 0o700 })
  }

  pathOf(task: string): string {
    return join(this.#root, task)
  }

  has(task: string): boolean {
    return existsSync(this.pathOf(task))
  }

  /** False when something of it is left all the same. */
  remove(task: string): Promise<boolean> {
    return removeTree(this.pathOf(task))
  }

  /** What its files take; stops counting above `atMostBytes`. */
  async measure(task: string, atMostBytes: number): Promise<Measured> {
    return this.has(task) ? measureTree(this.pathOf(task), atMostBytes) : nothing
  }

  /** Tasks that have one. */
  tasks(): string[] {
    return readdirSync(this.#root)
  }
}

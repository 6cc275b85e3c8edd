import { chownSync, constants, lstatSync, mkdirSync, readdirSync } from 'node:fs'
import { chmod, chown, copyFile, mkdir, rmdir, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { isWorkerId } from '../system/ids.ts'
import { type Measured, measureTree } from './measure.ts'
import { removeTree } from './remove.ts'

/** The directories of one worker, named by it: made before it is born, gone before its attempt has settled. */
export interface Workspace {
  /** Where the task works: its current directory. */
  readonly work: string
  /** All of it, so that there is one directory less to be made and removed. */
  readonly home: string
  readonly tmp: string
}

const privately = { mode: 0o700 }
/** With less left on a disk, somebody who writes finds none. */
const leastBytes = 1024 ** 2
const parts = ['work', 'tmp'] as const
/** Beside what programs have in a home. `kept` has the name of earlier versions, after which a start may come. */
const ours = { diagnostics: '.diagnostics', artifacts: '.artifacts', kept: 'kept', uploads: '.uploads' } as const

export class Workspaces {
  readonly #root: string

  constructor(root: string) {
    this.#root = root
    mkdirSync(root, { recursive: true, ...privately })
  }

  /** `owner` is who the worker is, where it is not us. */
  create(worker: string, owner?: number): Workspace {
    const path = join(this.#root, worker)
    for (const place of [path, ...parts.map((part) => join(path, part))]) makeFor(owner, place)
    return { work: join(path, 'work'), home: path, tmp: join(path, 'tmp') }
  }

  /** The same for one whose files are in memory: only what is collected from it, and brought to it, is on disk. */
  createBare(worker: string, owner?: number): void {
    makeFor(owner, join(this.#root, worker))
  }

  pathOf(worker: string): string {
    return join(this.#root, worker)
  }

  /** Removes everything of a worker; false when not all of it would go. Call it when nothing of its tree lives any more. */
  async remove(worker: string): Promise<boolean> {
    const path = join(this.#root, worker)
    // A task of a lower level can have put a link in its place: what that leads to is none of ours.
    const isDirectory = lstatSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false
    return (isDirectory && (await removeEmpty(path))) || removeTree(path)
  }

  /** Where a worker writes about itself; there only if it did. */
  diagnosticsOf(worker: string): string {
    return join(this.#root, worker, ours.diagnostics)
  }

  /** Where a worker puts what its task wants to keep; there only if it did. */
  artifactsOf(worker: string): string {
    return join(this.#root, worker, ours.artifacts)
  }

  /** Where a worker has what its task keeps from attempt to attempt. */
  keptOf(worker: string): string {
    return join(this.#root, worker, ours.kept)
  }

  /**
   * Puts copies of files beside where the task works, for it to read; each under its own name, which is ours. Copies,
   * because what a task can read it could also change. Resolves with their paths.
   */
  async bring(
    worker: string,
    files: ReadonlyMap<string, string>,
    owner?: number,
  ): Promise<Readonly<Record<string, string>>> {
    const directory = join(this.#root, worker, ours.uploads)
    const hand = async (path: string) => (owner === undefined ? undefined : chown(path, owner, owner))
    await mkdir(directory, privately)
    await hand(directory)
    const paths: Record<string, string> = {}
    for (const [name, file] of files) {
      const copy = join(directory, name)
      await copyFile(file, copy, constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL)
      await chmod(copy, 0o400)
      await hand(copy)
      paths[name] = copy
    }
    return paths
  }

  /** Workers whose workspace is still there; nothing else under the root is ever touched. */
  leftover(): string[] {
    return readdirSync(this.#root).filter(isWorkerId)
  }

  /** Whether nothing more can be written where they are. */
  async isDiskFull(): Promise<boolean> {
    const { bavail, bsize } = await statfs(this.#root)
    return bavail * bsize < leastBytes
  }

  /** What a worker's files take; stops counting above `atMostBytes`. */
  measure(worker: string, atMostBytes: number): Promise<Measured> {
    return measureTree(join(this.#root, worker), atMostBytes)
  }
}

function makeFor(owner: number | undefined, path: string): void {
  mkdirSync(path, privately)
  if (owner !== undefined) chownSync(path, owner, owner)
}

/** One entry is some 30 bytes at least, and a directory stays as large as it ever was: to look whether it is empty takes as long. */
const shortDirectoryBytes = 64 * 1024

/**
 * The common case: the task left nothing. Other threads wait for the disk then: with `discard`, a file system has it forget
 * each directory before it goes on, 0.2 to 1 ms. That takes three times the CPU, but none more of this thread's (measured).
 * Whatever a task has blown up is for others to remove.
 */
async function removeEmpty(path: string): Promise<boolean> {
  const removed = await Promise.all(parts.map((part) => removeShort(join(path, part))))
  return removed.every(Boolean) && removeShort(path)
}

async function removeShort(directory: string): Promise<boolean> {
  try {
    const found = lstatSync(directory, { throwIfNoEntry: false })
    if (found && found.size > shortDirectoryBytes) return false
    if (found) await rmdir(directory)
    return true
  } catch {
    return false
  }
}

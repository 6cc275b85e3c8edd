import { createHash } from 'node:crypto'
import { constants, mkdirSync, readdirSync } from 'node:fs'
import { type FileHandle, lstat, mkdir, open, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { newWorkerId } from '../system/ids.ts'
import { type Artifact, maxArtifacts, type ReportedArtifact } from '../task/artifact.ts'
import { removeTree } from './remove.ts'
import { syncDirectory } from './sync.ts'

export interface Collected {
  readonly artifacts: readonly Artifact[]
  /** Why the others were left out, a sentence each. */
  readonly leftOut: readonly string[]
}

/** Artifacts at rest: a directory for each task, files under names that we make. */
export class ArtifactStore {
  readonly #root: string

  constructor(root: string) {
    this.#root = root
    mkdirSync(root, { recursive: true, mode: 0o700 })
  }

  /**
   * Takes what an attempt left in its directory. To be called when nothing of its tree lives any more: what is looked at
   * does not change then. Links are not followed, and what is no plain file is left out.
   */
  async collect(task: string, reported: readonly ReportedArtifact[], from: string, limits: Limits): Promise<Collected> {
    const artifacts: Artifact[] = []
    const leftOut: string[] = []
    if (reported.length > 0 && !(await isDirectory(from))) return { artifacts, leftOut: [replaced] }
    let { bytes, count } = limits
    for (const one of reported) {
      const taken = await this.#take(task, one, join(from, String(one.number)), { ...limits, bytes, count })
      if (typeof taken === 'string') leftOut.push(`the artifact ${one.name} was left out: ${taken}`)
      else {
        artifacts.push(taken)
        bytes -= taken.bytes
        count--
      }
    }
    return { artifacts, leftOut }
  }

  /** Keeps bytes of our own beside what tasks left. */
  async put(task: string, { name, contentType }: Named, bytes: Uint8Array, now: number): Promise<Artifact> {
    const file = newWorkerId()
    const directory = await this.#directoryOf(task)
    const handle = await open(join(directory, file), 'wx', 0o600)
    try {
      await handle.writeFile(bytes)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await syncDirectory(directory)
    const sha256 = createHash('sha256').update(bytes).digest('hex')
    return { name, bytes: bytes.length, sha256, contentType, file, at: now }
  }

  /** The bytes of one; undefined when they are not there any more. */
  async read(task: string, file: string): Promise<Readable | undefined> {
    const handle = await open(join(this.#root, task, file), 'r').catch(ifAbsent)
    return handle?.createReadStream()
  }

  /** Removes what later attempts have replaced: of a task's files these stay. Only while none are collected. */
  async keepOnly(task: string, files: ReadonlySet<string>): Promise<void> {
    const directory = join(this.#root, task)
    for (const file of await readdir(directory)) if (!files.has(file)) await rm(join(directory, file))
  }

  /** Tasks that have files here. */
  tasks(): string[] {
    return readdirSync(this.#root)
  }

  remove(task: string): Promise<boolean> {
    return removeTree(join(this.#root, task))
  }

  /** Where a task's files lie, made when it is not there. */
  async #directoryOf(task: string): Promise<string> {
    const directory = join(this.#root, task)
    const made = await mkdir(directory, { recursive: true, mode: 0o700 })
    if (made !== undefined) await syncDirectory(this.#root)
    return directory
  }

  async #take(task: string, reported: ReportedArtifact, path: string, limits: Limits): Promise<Artifact | string> {
    const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(
      () => undefined,
    )
    if (!handle) return 'it is not there, or is a link'
    try {
      const fault = await faultOf(handle, limits)
      if (fault) return fault
      const { bytes, sha256 } = await digest(handle)
      await handle.sync()
      const file = newWorkerId()
      const directory = await this.#directoryOf(task)
      await rename(path, join(directory, file))
      await syncDirectory(directory)
      return { name: reported.name, bytes, sha256, contentType: reported.contentType, file, at: limits.now }
    } finally {
      await handle.close()
    }
  }
}

interface Named {
  readonly name: string
  readonly contentType: string
}

const replaced = 'all artifacts were left out: something else is where they were put'

async function isDirectory(path: string): Promise<boolean> {
  const stat = await lstat(path).catch(ifAbsent)
  return stat?.isDirectory() ?? false
}

interface Limits {
  /** All together. */
  readonly bytes: number
  /** How many more. */
  readonly count: number
  readonly now: number
}

async function faultOf(handle: FileHandle, { bytes, count }: Limits): Promise<string | undefined> {
  const stat = await handle.stat()
  if (!stat.isFile()) return 'it is no file'
  if (count <= 0) return `a task keeps at most ${maxArtifacts} artifacts`
  // Another name of it lies where we do not know: it may be somebody else's file, and may be changed later.
  if (stat.nlink !== 1) return 'it has another name elsewhere'
  return stat.size > bytes ? 'it is too large: the artifacts of a task share its workspace limit' : undefined
}

async function digest(handle: FileHandle): Promise<{ bytes: number; sha256: string }> {
  const hash = createHash('sha256')
  let bytes = 0
  for await (const chunk of handle.createReadStream({ start: 0, autoClose: false })) {
    hash.update(chunk)
    bytes += chunk.length
  }
  return { bytes, sha256: hash.digest('hex') }
}

function ifAbsent(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error
}

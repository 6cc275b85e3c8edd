import { FRAME } from '../src/protocol/frame.ts'
import {
  defaultContentType,
  faultOfName,
  isContentType,
  maxArtifacts,
  type ReportedArtifact,
} from '../src/task/artifact.ts'
import { FatalError } from './errors/steering.ts'
import { report } from './pipes.ts'

export interface ArtifactOptions {
  readonly contentType?: string
  /**
   * Takes a file of the task's own away from where it lies, in its workspace or kept directory: a large one costs no copy.
   * Where it would still be wanted if this attempt came to nothing, it must be made anew.
   */
  readonly move?: boolean
}

/** Keeps files of a task: the orchestrator collects them when nothing of it lives any more. */
export class Artifacts {
  readonly #directory: string
  #count = 0

  /** `directory` need not be there yet. */
  constructor(directory: string) {
    this.#directory = directory
  }

  /** Resolves when the bytes have been copied, or moved: the original may change or go. */
  async add(name: string, source: string | Uint8Array, options: ArtifactOptions = {}): Promise<void> {
    const { contentType = defaultContentType, move = false } = options
    const fault = faultOfName(name) ?? this.#faultOf(contentType)
    if (fault) throw new FatalError(`${fault}: ${JSON.stringify(name)}`)
    const { mkdir, writeFile } = process.getBuiltinModule('node:fs/promises')
    const number = ++this.#count
    const place = `${this.#directory}/${number}`
    await mkdir(this.#directory, { recursive: true })
    if (typeof source !== 'string') await writeFile(place, source)
    else if (!(move && (await isMoved(source, place)))) await copy(source, place, move)
    report(FRAME.ARTIFACT, { number, name, contentType } satisfies ReportedArtifact)
  }

  #faultOf(contentType: string): string | undefined {
    if (!isContentType(contentType)) return `${contentType} is no content type`
    return this.#count < maxArtifacts ? undefined : `a task keeps at most ${maxArtifacts} artifacts`
  }
}

/** False where it lies in another file system, as of a workspace in memory, or under other names, too. */
async function isMoved(source: string, place: string): Promise<boolean> {
  const { lstat, rename } = process.getBuiltinModule('node:fs/promises')
  const { nlink, isFile } = await lstat(source).then((stat) => ({ nlink: stat.nlink, isFile: stat.isFile() }))
  if (!isFile || nlink !== 1) return false
  return rename(source, place).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'EXDEV') return false
      throw error
    },
  )
}

async function copy(source: string, place: string, move: boolean): Promise<void> {
  const { constants, copyFile, rm } = process.getBuiltinModule('node:fs/promises')
  await copyFile(source, place, constants.COPYFILE_FICLONE)
  if (move) await rm(source)
}

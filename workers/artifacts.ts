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

/** Keeps files of a task: the orchestrator collects them when nothing of it lives any more. */
export class Artifacts {
  readonly #directory: string
  #count = 0

  /** `directory` need not be there yet. */
  constructor(directory: string) {
    this.#directory = directory
  }

  /** Resolves when the bytes have been copied: the original may change or go. */
  async add(name: string, source: string | Uint8Array, contentType = defaultContentType): Promise<void> {
    const fault = faultOfName(name) ?? this.#faultOf(contentType)
    if (fault) throw new FatalError(`${fault}: ${JSON.stringify(name)}`)
    const { constants, copyFile, mkdir, writeFile } = process.getBuiltinModule('node:fs/promises')
    const number = ++this.#count
    const place = `${this.#directory}/${number}`
    await mkdir(this.#directory, { recursive: true })
    await (typeof source === 'string' ? copyFile(source, place, constants.COPYFILE_FICLONE) : writeFile(place, source))
    report(FRAME.ARTIFACT, { number, name, contentType } satisfies ReportedArtifact)
  }

  #faultOf(contentType: string): string | undefined {
    if (!isContentType(contentType)) return `${contentType} is no content type`
    return this.#count < maxArtifacts ? undefined : `a task keeps at most ${maxArtifacts} artifacts`
  }
}

import { createHash, randomUUID } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { mkdir, rename, rm } from 'node:fs/promises'
import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path'
import { Readable, Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Mayfly } from '../../client/client.ts'
import { MayflyError } from '../../client/errors.ts'
import { messageOf } from '../../system/message.ts'
import { CommandError } from './exit.ts'

interface Downloaded {
  readonly name: string
  readonly path: string
  readonly bytes: number
}

/**
 * All that a task kept, as files below a directory; told of each as it is there. What cannot be written keeps no other
 * from it: throws CommandError at the end.
 */
export async function download(
  client: Mayfly,
  task: string,
  directory: string,
  told: (downloaded: Downloaded) => void,
): Promise<void> {
  const faults: string[] = []
  for (const { name, bytes, sha256 } of await client.artifacts.list(task)) {
    try {
      const path = placeIn(directory, name)
      await mkdir(dirname(path), { recursive: true })
      await write(await client.artifacts.get(task, name), path, sha256)
      told({ name, path, bytes })
    } catch (error) {
      if (error instanceof MayflyError) throw error
      faults.push(`the artifact ${name} was left out: ${messageOf(error)}`)
    }
  }
  if (faults.length > 0) throw new CommandError(faults.join('\n'))
}

/** A server that is not to be trusted may name a file anything. */
function placeIn(directory: string, name: string): string {
  const path = resolve(directory, name)
  const steps = relative(resolve(directory), path)
  const isOutside = steps === '..' || steps.startsWith(`..${sep}`) || isAbsolute(steps)
  if (steps === '' || isOutside || name.includes('\0')) {
    throw new CommandError(`it would be written outside of ${directory}`)
  }
  return path
}

/** Whole under another name first: nobody takes half a file for the artifact. */
async function write(bytes: ReadableStream<Uint8Array>, path: string, sha256: string): Promise<void> {
  const hash = createHash('sha256')
  const hashing = new Transform({
    transform(chunk, _encoding, done) {
      hash.update(chunk)
      done(null, chunk)
    },
  })
  // No name of a file that may be there, however long the artifact's own is.
  const draft = join(dirname(path), `.mayfly-${randomUUID()}`)
  try {
    await pipeline(Readable.fromWeb(bytes), hashing, createWriteStream(draft, { flags: 'wx' }))
    if (hash.digest('hex') !== sha256) throw new CommandError('it came damaged: download it again')
    await rename(draft, path)
  } finally {
    await rm(draft, { force: true })
  }
}

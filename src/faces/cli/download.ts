import { createHash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { mkdir, rename, rm } from 'node:fs/promises'
import { dirname, relative, resolve, sep } from 'node:path'
import { Readable, Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Mayfly } from '../../client/client.ts'
import { CommandError } from './exit.ts'

interface Downloaded {
  readonly name: string
  readonly path: string
  readonly bytes: number
}

/** All that a task kept, as files below a directory. */
export async function download(client: Mayfly, task: string, directory: string): Promise<readonly Downloaded[]> {
  const done: Downloaded[] = []
  for (const { name, bytes, sha256 } of await client.artifacts.list(task)) {
    const path = placeIn(directory, name)
    await mkdir(dirname(path), { recursive: true })
    await write(await client.artifacts.get(task, name), path, name, sha256)
    done.push({ name, path, bytes })
  }
  return done
}

/** A server that is not to be trusted may name a file anything. */
function placeIn(directory: string, name: string): string {
  const path = resolve(directory, name)
  const steps = relative(resolve(directory), path)
  if (steps === '' || steps.startsWith('..') || resolve(steps) === steps || name.includes('\0')) {
    throw new CommandError(`the artifact ${name} would be written outside of ${directory}${sep}: it is left out`)
  }
  return path
}

/** Whole under another name first: nobody takes half a file for the artifact. */
async function write(bytes: ReadableStream<Uint8Array>, path: string, name: string, sha256: string): Promise<void> {
  const hash = createHash('sha256')
  const hashing = new Transform({
    transform(chunk, _encoding, done) {
      hash.update(chunk)
      done(null, chunk)
    },
  })
  const draft = `${path}.part`
  try {
    await pipeline(Readable.fromWeb(bytes), hashing, createWriteStream(draft))
    if (hash.digest('hex') !== sha256) throw new CommandError(`the artifact ${name} came damaged: download it again`)
    await rename(draft, path)
  } finally {
    await rm(draft, { force: true })
  }
}

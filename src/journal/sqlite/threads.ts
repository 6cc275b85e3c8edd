import { getCompileCacheDir } from 'node:module'
import { dirname, extname } from 'node:path'
import { Piscina } from 'piscina'
import { Refusal } from '../../task/errors.ts'
import type { Crossing } from './operation.ts'
import type { Reply } from './reply.ts'
import type { Answer, Arguments, Query, Question, ReaderData } from './thread/reader.ts'
import type { WriterData } from './thread/writer.ts'

const readerThreads = 2
/** Keeping one takes 11 MB, starting it again makes a read wait for some 80 ms more. */
const readerIdleMs = 10_000
const waitingReadsLimit = 4096
/** A small nursery: what the thread that writes makes dies young, and its memory counts for as long as Mayfly runs. */
const youngMiB = 4

/** The thread that writes: exactly one, alive from open to close. */
export class Writer {
  readonly #pool: Piscina

  constructor(data: WriterData, onError: (error: Error) => void) {
    this.#pool = new Piscina({
      ...shared('writer', data),
      minThreads: 1,
      maxThreads: 1,
      idleTimeout: Infinity,
      resourceLimits: { maxYoungGenerationSizeMb: youngMiB },
    })
    this.#pool.on('error', onError)
  }

  ready(): Promise<void> {
    return this.#pool.run(undefined, { name: 'ready' })
  }

  commit(batch: readonly Crossing[]): Promise<Reply> {
    return this.#pool.run(batch, { name: 'commit' })
  }

  async close(isFull: boolean): Promise<void> {
    await this.#pool.run(isFull, { name: 'close' })
    await this.#pool.destroy()
  }

  /** Ends the thread as it is. */
  destroy(): Promise<void> {
    return this.#pool.destroy()
  }
}

/** The threads that read: none while nobody asks. */
export class Readers {
  readonly #pool: Piscina
  #closed = false

  constructor(data: ReaderData, onError: (error: Error) => void) {
    this.#pool = new Piscina({
      ...shared('reader', data),
      minThreads: 0,
      maxThreads: readerThreads,
      idleTimeout: readerIdleMs,
    })
    this.#pool.on('error', onError)
  }

  async read<Q extends Query>(query: Q, ...args: Arguments<Q>): Promise<Answer<Q>> {
    if (this.#closed) throw new Refusal('STOPPING', 'The journal is closed: nothing more is read.')
    if (this.#pool.queueSize >= waitingReadsLimit) {
      throw new Refusal('TOO_MANY', 'Too many requests are waiting for the journal: try again in a moment.')
    }
    return this.#pool.run({ query, args } satisfies Question<Q>, { name: 'read' })
  }

  /** Answers what has been asked, and nothing more. */
  close(): Promise<void> {
    this.#closed = true
    return this.#pool.close()
  }
}

function shared(file: 'writer' | 'reader', workerData: WriterData | ReaderData) {
  return {
    filename: new URL(`./thread/${file}${extname(import.meta.url)}`, import.meta.url).href,
    workerData,
    env: ownCompileCache(),
    recordTiming: false,
  } as const
}

/**
 * A thread sees nothing of our environment but where our compile cache lies: without it, it would strip the types of
 * its files itself, which costs 20 MiB for as long as it lives.
 */
function ownCompileCache(): Record<string, string> {
  const versioned = getCompileCacheDir()
  return versioned === undefined ? {} : { NODE_COMPILE_CACHE: dirname(versioned) }
}

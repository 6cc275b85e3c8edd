import { getCompileCacheDir } from 'node:module'
import { dirname, extname } from 'node:path'
import { Piscina } from 'piscina'
import { Refusal } from '../../task/errors.ts'
import { Cues } from './cues.ts'
import type { Crossing } from './operation.ts'
import { type CrossingReply, fromCrossing, type Reply } from './reply.ts'
import type { Line, Order } from './thread/inbox.ts'
import type { Answer, Arguments, Query, Question, ReaderData } from './thread/reader.ts'
import type { WriterData } from './thread/writer.ts'

const readerThreads = 2
/** Keeping one takes 11 MB, starting it again makes a read for which there is no other wait for some 80 ms more. */
const readerIdleMs = 10_000
const waitingReadsLimit = 4096
/** A small nursery: what the thread that writes makes dies young, and its memory counts for as long as Mayfly runs. */
const youngMiB = 4

/**
 * The thread that writes: exactly one, alive from open to close. It has one task, and a line of its own for that: what a
 * pool does for each task would cost a batch twice what sending it does, and only here may the next one wait beside it.
 */
export class Writer {
  readonly cues = new Cues()
  readonly #pool: Piscina
  readonly #line: Line
  /** Settles with its task: when it has closed, or is lost. */
  readonly #writing: Promise<void>
  readonly #isReady = Promise.withResolvers<void>()
  /** Who waits for replies, in the order of what was sent. */
  readonly #waiting: PromiseWithResolvers<Reply>[] = []
  #lost: { readonly because: unknown } | undefined

  constructor(data: WriterData, onError: (error: Error) => void) {
    this.#pool = new Piscina({
      ...shared('writer', data),
      minThreads: 1,
      maxThreads: 1,
      idleTimeout: Infinity,
      resourceLimits: { maxYoungGenerationSizeMb: youngMiB },
    })
    this.#pool.on('error', onError)
    const { port1, port2 } = new MessageChannel()
    const sent = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT))
    this.#line = { port: port1, sent, cue: this.cues.cell }
    port1.on('message', (replies: readonly CrossingReply[]) => this.#answer(replies))
    this.#writing = this.#pool.run({ ...this.#line, port: port2 } satisfies Line, {
      name: 'write',
      transferList: [port2],
    })
    this.#writing.catch((error) => this.#lose(error))
    // Not everybody waits for it.
    this.#isReady.promise.catch(() => {})
  }

  ready(): Promise<void> {
    return this.#isReady.promise
  }

  /** What is sent before the reply to what was sent before shares its commit, where it comes in time. */
  commit(batch: readonly Crossing[]): Promise<Reply> {
    if (this.#lost) return Promise.reject(this.#lost.because)
    const waiting = Promise.withResolvers<Reply>()
    this.#waiting.push(waiting)
    this.#send(batch)
    return waiting.promise
  }

  /** It is worth trying again behind an obstacle, which everything that was sent has been told of. */
  goOn(): void {
    this.#send('go on')
  }

  async close(isFull: boolean): Promise<void> {
    this.#send(isFull ? 'close full' : 'close')
    await this.#writing
    await this.destroy()
  }

  /** Ends the thread as it is. */
  async destroy(): Promise<void> {
    await this.#pool.destroy()
    this.#line.port.close()
  }

  #send(order: Order): void {
    this.#line.port.postMessage(order)
    Atomics.add(this.#line.sent, 0, 1)
    Atomics.notify(this.#line.sent, 0)
  }

  #answer(replies: readonly CrossingReply[]): void {
    this.#isReady.resolve()
    for (const reply of replies) this.#waiting.shift()?.resolve(fromCrossing(reply))
  }

  #lose(because: unknown): void {
    this.#lost = { because }
    this.#isReady.reject(because)
    for (const { reject } of this.#waiting.splice(0)) reject(because)
  }
}

/**
 * The threads that read: none while nobody asks. A read goes to none but those that are ready. By itself the pool gives
 * what waits to one that is being born as well, though another is free long before.
 */
export class Readers {
  readonly #pool: Piscina
  readonly #ready = new Set<number>()
  #closed = false

  constructor(data: ReaderData, onError: (error: Error) => void) {
    this.#pool = new Piscina({
      ...shared('reader', data),
      minThreads: 0,
      maxThreads: readerThreads,
      idleTimeout: readerIdleMs,
      // An answer that the pool looks for by itself may come before it forgets when its thread was to go: it never went.
      atomics: 'disabled',
      loadBalancer: (_, workers) =>
        workers.find(({ id, currentUsage }) => currentUsage === 0 && this.#ready.has(id)) ?? null,
    })
    this.#pool.on('error', onError)
    this.#pool.on('workerCreate', ({ id }) => this.#ready.add(id))
    this.#pool.on('workerDestroy', ({ id }) => this.#ready.delete(id))
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

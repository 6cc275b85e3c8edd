import type { Commits } from './commits.ts'
import type { Crossing, Operation } from './operation.ts'
import type { Done } from './reply.ts'
import type { Write } from './write.ts'

/** Whose it is, what its log says, and how long it may wait. */
export type About = Pick<Write, 'task' | 'tenant' | 'events' | 'canWait' | 'canLinger' | 'withPrevious'>

export const ofNoTask = { task: '', tenant: undefined, events: [], canWait: false, canLinger: false } as const

export const itself = (done: Done) => done

/** What is asked of the writing thread, as a promise of what it answers. */
export class Requests {
  readonly #commits: Pick<Commits, 'write'>

  constructor(commits: Pick<Commits, 'write'>) {
    this.#commits = commits
  }

  write<A>(operation: Operation, about: About, read: (done: Done) => A): Promise<A> {
    const text = JSON.stringify(operation)
    return this.send(text, text.length, about, read)
  }

  /** `read` makes of what was done what is answered, or throws. */
  send<A>(operation: Crossing, bytes: number, about: About, read: (done: Done) => A): Promise<A> {
    return new Promise((resolve, reject) => {
      const { task, tenant, events, canWait, canLinger, withPrevious = false } = about
      const answer = (done: Done) => {
        try {
          resolve(read(done))
        } catch (error) {
          reject(error)
        }
      }
      const write = {
        operation,
        bytes,
        task,
        tenant,
        events,
        canWait,
        canLinger,
        withPrevious,
        resolve: answer,
        reject,
      }
      this.#commits.write(write)
    })
  }
}

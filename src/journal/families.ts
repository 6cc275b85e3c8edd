import type { TaskError } from '../task/errors.ts'
import type { Json } from '../task/json.ts'
import type { State } from '../task/states.ts'
import type { NewEvent, Task } from '../task/task.ts'
import type { Conflict, Landed } from './additions.ts'

/** Tasks that tasks have submitted. A child is its parent's for ever; the same key is the same child. */
export interface Families {
  /**
   * Adds a queued child with its first event, where its parent is in this very attempt, is wanted or cleans up, and has room. With the
   * uploads that it `uses` it is as with any task.
   */
  add(child: Child, queued: NewEvent, fence: ChildFence, uses?: readonly string[]): Promise<AddedChild>
  /** The id of the child that this key has; undefined when it has none. */
  find(parent: string, key: string): Promise<string | undefined>
  /** The children that have not settled yet, in the order of their keys. */
  unsettled(parent: string): Promise<readonly Pick<Task, 'id' | 'kind'>[]>
  /** The children with keys above this one, in their order; large results make a page shorter, one at least is on it. */
  page(parent: string, afterKey: string): Promise<ChildPage>
  /** Those that have not settled although their parent was cancelled, or is to be. */
  unwanted(): Promise<readonly Pick<Task, 'tenant' | 'id' | 'kind'>[]>
}

export type Child = Task & { readonly parent: string; readonly childKey: string }

export interface ChildFence {
  /** The attempt of the parent that submits. */
  readonly attempt: number
  /** What submits is its cleanup, which does so although the task is to end. */
  readonly isCleanup: boolean
  /** Children that a task may have. */
  readonly most: number
}

/** What is not added changes nothing: the key has a child already, the attempt is over, or there are too many. */
export type AddedChild =
  | Landed
  | { readonly added: false; readonly earlier: Task }
  | { readonly added: false; readonly because: 'stale' | 'too many children' | Conflict }

export interface ChildState {
  readonly key: string
  readonly id: string
  readonly state: State
  readonly result: Json
  readonly error: TaskError | null
}

export interface ChildPage {
  readonly children: readonly ChildState[]
  readonly more: boolean
}

import { FRAME } from '../src/protocol/frame.ts'
import type { ChildrenFrame, SuspendFrame } from '../src/protocol/messages.ts'
import type { TaskError } from '../src/task/errors.ts'
import type { Json } from '../src/task/json.ts'
import type { State } from '../src/task/states.ts'
import type { Awaits } from '../src/task/task.ts'
import { FatalError } from './errors/steering.ts'
import { report } from './pipes.ts'
import type { Asked, Questions } from './questions.ts'

/** A task that this one has submitted, as it is now. */
export interface Child {
  readonly key: string
  readonly id: string
  readonly state: State
  /** What it returned, null before and when it did not succeed. */
  readonly result: Json
  readonly error: TaskError | null
}

/** When a suspended task goes on: at a time, when children have settled, or at whichever comes first. */
export interface Until {
  readonly resumeAt?: Date
  /** All that it has, or those with these ids. */
  readonly children?: true | 'all' | readonly string[]
  /** What was saved last, where left out. */
  readonly checkpoint?: Json
}

/** All of them, in the order of their keys: asked for page by page, because their results may be large. */
export async function childrenOf(questions: Questions): Promise<Child[]> {
  const found: Child[] = []
  for (let more = true; more; ) {
    const after = found.at(-1)?.key ?? ''
    const page = (await questions.ask(FRAME.CHILDREN, { after } satisfies Asked<ChildrenFrame>)) as {
      children: Child[]
      more: boolean
    }
    found.push(...page.children)
    more = page.more
  }
  return found
}

const year10000 = Date.UTC(10_000, 0)

export function suspend({ resumeAt, children, checkpoint }: Until & { checkpoint: Json }): never {
  const frame: SuspendFrame = { resumeAt: resumeAt?.getTime() ?? null, awaits: awaitsOf(children), checkpoint }
  if (Number.isNaN(frame.resumeAt) || (frame.resumeAt ?? 0) >= year10000)
    throw new FatalError('resumeAt is no time that exists, or one after the year 9999')
  if (frame.resumeAt === null && frame.awaits === null) throw new FatalError('suspend needs resumeAt, children or both')
  report(FRAME.SUSPEND, frame)
  process.exit(0)
}

function awaitsOf(children: Until['children']): Awaits | null {
  return children === true ? 'all' : (children ?? null)
}

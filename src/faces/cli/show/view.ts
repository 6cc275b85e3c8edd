import type { ContractEvent } from '../../../contract/event.ts'
import type { ContractTask } from '../../../contract/task.ts'
import type { Io } from '../io.ts'
import type { Pipeline } from '../pipeline/pipeline.ts'
import { PipelineView } from '../pipeline/view.ts'
import { BarsView } from './bars.ts'
import { JsonView } from './json.ts'
import { LinesView } from './lines.ts'
import type { Seen } from './seen.ts'

/** How watched tasks are shown: by what is seen of each. */
export interface View {
  add(seen: Seen): void
  /** What happened, and the task as it is seen after it. */
  event(event: ContractEvent, seen: Seen): void
  /** Something about the watching itself. */
  note(seen: Seen, sentence: string): void
  /** Something about all of it. */
  tell(sentence: string): void
  /** It is not looked at any more. */
  leave(seen: Seen): void
  /** The last word; the tasks are as they are now. */
  close(tasks: readonly ContractTask[]): void
}

/** What a view needs of the surroundings. */
export type Screen = Pick<Io, 'stdout' | 'stderr' | 'env'>

export function viewFor(io: Screen, json: boolean, several: boolean, pipeline: Pipeline = 'none'): View {
  if (json) return new JsonView(io)
  if (pipeline !== 'none') return new PipelineView(io, pipeline, several)
  return drawsBars(io) ? new BarsView(io, several) : new LinesView(io, several)
}

/** Bars are for people at a terminal who have not said that they want none. */
function drawsBars({ stderr, env }: Screen): boolean {
  return stderr.isTTY === true && !env.NO_COLOR && !env.CI && env.TERM !== 'dumb'
}

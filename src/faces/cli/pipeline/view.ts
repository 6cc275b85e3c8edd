import type { ContractEvent } from '../../../contract/event.ts'
import { LinesView } from '../show/lines.ts'
import type { Seen } from '../show/seen.ts'
import { sentenceOf } from '../show/sentence.ts'
import type { Screen, View } from '../show/view.ts'
import { disarm } from './disarm.ts'
import { groupBegin, groupEnd } from './github.ts'
import { sectionBegin, sectionEnd } from './gitlab.ts'
import type { Pipeline } from './pipeline.ts'

/** What opens and closes a part of the log that a reader can fold. */
interface Fold {
  begin(seen: Seen): string
  end(seen: Seen): string
}

const folds: Partial<Record<Pipeline, Fold>> = {
  github: { begin: ({ name, id }) => groupBegin(`${name} (${id})`), end: () => groupEnd },
  gitlab: {
    begin: ({ name, id }) => sectionBegin(`mayfly_${id}`, `${name} (${id})`, Date.now()),
    end: ({ id }) => sectionEnd(`mayfly_${id}`, Date.now()),
  },
}

/**
 * Lines for the log of a pipeline, with all that one task says folded away and how it ended after that. Everything is
 * disarmed; all of it goes to stdout, for a fold holds only what comes through the same pipe as its ends. Several tasks
 * are not folded: their lines are mixed.
 */
export class PipelineView implements View {
  readonly #screen: Screen
  readonly #lines: LinesView
  readonly #fold: Fold | undefined
  #open: Seen | undefined

  constructor(screen: Screen, pipeline: Pipeline, several: boolean) {
    this.#screen = screen
    this.#fold = several ? undefined : folds[pipeline]
    const disarmed = (to: 'stdout' | 'stderr') => ({
      write: (text: string) => screen[this.#fold ? 'stdout' : to].write(disarm(text)),
    })
    this.#lines = new LinesView({ stdout: disarmed('stdout'), stderr: disarmed('stderr') }, several)
  }

  add(seen: Seen): void {
    if (!this.#fold) return
    this.#open = seen
    this.#screen.stdout.write(this.#fold.begin(seen))
  }

  event(event: ContractEvent, seen: Seen): void {
    if (seen.endedAt !== null && sentenceOf(event, seen) !== undefined) this.#close()
    this.#lines.event(event, seen)
  }

  note(seen: Seen, sentence: string): void {
    this.#lines.note(seen, sentence)
  }

  tell(sentence: string): void {
    this.#lines.tell(sentence)
  }

  leave(seen: Seen): void {
    this.#lines.leave(seen)
  }

  close(): void {
    this.#close()
  }

  #close(): void {
    if (this.#open && this.#fold) this.#screen.stdout.write(this.#fold.end(this.#open))
    this.#open = undefined
  }
}

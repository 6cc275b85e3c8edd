/**
 * What must not go on twice in an org at once: a deployment, a restore. The scheduler keeps apart processes of tasks that
 * name the same org by the same alias. But an org may have two aliases, a request may name the session of another, and
 * what a task has begun in an org goes on while the task is between two attempts. So a task takes the org's turn, by the
 * org's true id, before it begins anything there, keeps it from attempt to attempt, and gives it back at its end.
 *
 *     free ──▶ taken ──▶ given back, at the end or by the cleanup
 *                └─ not renewed for half an hour, and the org is idle: whoever waits takes it
 */
import { linkSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Context } from '../context.ts'
import type { OrgInput } from './input.ts'
import type { Org } from './org.ts'

export interface Held {
  readonly task: string
  readonly alias: string
  readonly renewedAtMs: number
}

type TurnContext = Pick<
  Context<OrgInput>,
  'taskId' | 'attempt' | 'directory' | 'input' | 'log' | 'progress' | 'suspend'
>

export interface Asked {
  /** As in "deployment". */
  readonly what: string
  /** Whether the org does nothing of the kind: asked when whoever has the turn has not been heard of for long. */
  readonly isIdle: () => Promise<boolean>
}

/** So long one that nobody renews counts as taken. */
const leaseMs = 30 * 60_000
const renewEveryMs = 60_000
const shortestWaitSeconds = 5
const longestWaitSeconds = 60

export class Turn {
  readonly #context: TurnContext
  readonly #file: string
  readonly #org: Org
  readonly #what: string

  private constructor(context: TurnContext, org: Org, what: string) {
    this.#context = context
    this.#org = org
    this.#what = what
    this.#file = join(placeOf(context), `${what}-${org.orgId.slice(0, 15)}.json`)
  }

  /** Does not return while another task has it: the process ends meanwhile. */
  static async take(context: TurnContext, org: Org, { what, isIdle }: Asked): Promise<Turn> {
    mkdirSync(placeOf(context), { recursive: true, mode: 0o700 })
    const turn = new Turn(context, org, what)
    const held = turn.#try()
    if (held === null) return turn
    if (Date.now() - held.renewedAtMs <= leaseMs || !(await isIdle())) return turn.#wait(held)
    // While the org was asked, another one that waits may have come to the same.
    const since = read(turn.#file) ?? held
    if (since.task !== held.task || since.renewedAtMs !== held.renewedAtMs) return turn.#wait(since)
    context.log.warn(`org ${org.alias}: task ${held.task} has not been heard of, and its ${what} is not there any more`)
    turn.#write(renameSync)
    turn.renew()
    return turn
  }

  /** Before each step that must not be done beside another's. Does not return when the turn is another's by now. */
  renew(now = Date.now()): void {
    const held = read(this.#file)
    if (held !== null && held.task !== this.#context.taskId) this.#wait(held)
    if (held === null || now - held.renewedAtMs > renewEveryMs) this.#write(renameSync)
  }

  /** Null when it is this task's now. */
  #try(): Held | null {
    const held = read(this.#file)
    if (held?.task === this.#context.taskId) this.#write(renameSync)
    else if (held !== null) return held
    else {
      try {
        // Of several only one makes it.
        this.#write(linkSync)
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
        return this.#try()
      }
    }
    return null
  }

  /** Whole, in one step. */
  #write(put: (from: string, to: string) => void): void {
    const { taskId: task } = this.#context
    const held: Held = { task, alias: this.#org.alias, renewedAtMs: Date.now() }
    const draft = `${this.#file}.${task}`
    writeFileSync(draft, JSON.stringify(held), { flush: true, mode: 0o600 })
    try {
      put(draft, this.#file)
    } finally {
      rmSync(draft, { force: true })
    }
  }

  #wait({ task, alias }: Held): never {
    const { input, attempt, progress, log, suspend } = this.#context
    const waitSeconds = input.pollSeconds ?? Math.min(longestWaitSeconds, shortestWaitSeconds + attempt)
    const also = alias === this.#org.alias ? '' : ` (there it is called ${alias})`
    const message = `org ${this.#org.alias}: the ${this.#what} of task ${task}${also} is not at its end, and two must not run at once`
    progress({ phase: 'waiting for another task', percent: null, message })
    log.info(`${message}: this one looks again in ${waitSeconds} s`)
    return suspend({ resumeAt: new Date(Date.now() + waitSeconds * 1_000) })
  }
}

/** Gives back what this task has; also in a cleanup, and where the org cannot be reached. */
export function endTurn(context: Pick<Context, 'taskId' | 'directory'>): void {
  const place = placeOf(context)
  for (const name of namesIn(place)) {
    const file = join(place, name)
    if (read(file)?.task === context.taskId) rmSync(file, { force: true })
  }
}

function placeOf({ directory }: Pick<Context, 'directory'>): string {
  return join(directory, '.turns')
}

function namesIn(place: string): string[] {
  try {
    return readdirSync(place).filter((name) => name.endsWith('.json'))
  } catch {
    return []
  }
}

function read(file: string): Held | null {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch {
    return null
  }
  try {
    return JSON.parse(text) as Held
  } catch {
    // It was never whole: it keeps nobody.
    rmSync(file, { force: true })
    return null
  }
}

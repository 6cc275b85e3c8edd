import * as vscode from 'vscode'
import type { Mayfly } from '../../../client/client.ts'
import type { ContractTask } from '../../../contract/task.ts'
import { isTerminal } from '../../../task/states.ts'
import { safeLine } from '../../cli/safe.ts'
import { logLineOf } from '../../cli/show/log-line.ts'
import { next, type Seen, seenAtFirst } from '../../cli/show/seen.ts'
import { sentenceOf } from '../../cli/show/sentence.ts'

const mostChannels = 8
const sayLostAgainMs = 10_000

interface Open {
  readonly channel: vscode.OutputChannel
  readonly stop: AbortController
}

/** Logs in output channels, each followed to the end of its task; the oldest makes room for a new one. */
export class Logs implements vscode.Disposable {
  readonly #open = new Map<string, Open>()

  show(task: ContractTask, client: Mayfly, onError: (error: unknown) => string): void {
    const before = this.#open.get(task.id)
    if (before) {
      before.channel.show(true)
      return
    }
    this.#makeRoom()
    const seen = seenAtFirst(task)
    const open = {
      channel: vscode.window.createOutputChannel(`Mayfly: ${seen.name}`, 'log'),
      stop: new AbortController(),
    }
    this.#open.set(task.id, open)
    open.channel.show(true)
    void this.#follow(task, seen, client, open, onError)
  }

  dispose(): void {
    for (const id of [...this.#open.keys()]) this.#close(id)
  }

  async #follow(
    task: ContractTask,
    first: Seen,
    client: Mayfly,
    { channel, stop }: Open,
    onError: (error: unknown) => string,
  ) {
    const say = (sentence: string) => channel.appendLine(`── ${safeLine(sentence)}`)
    let seen = first
    if (isTerminal(task.state)) say(`${seen.name} of ${task.createdAt}`)
    try {
      for await (const event of client.watch(task.id, { signal: stop.signal, ...lossesTo(say) })) {
        seen = next(seen, event)
        const line = logLineOf(event, '')
        const sentence = line ? undefined : sentenceOf(event, seen)
        if (line) channel.append(line.text)
        else if (sentence !== undefined) say(`${event.at} ${sentence}`)
      }
    } catch (error) {
      if (stop.signal.aborted) return
      say(onError(error))
      // Whoever opens it again has it asked for again.
      this.#open.delete(task.id)
    }
  }

  #makeRoom(): void {
    const [oldest] = this.#open.keys()
    if (this.#open.size >= mostChannels && oldest !== undefined) this.#close(oldest)
  }

  #close(id: string): void {
    const open = this.#open.get(id)
    this.#open.delete(id)
    open?.stop.abort(new Error('the log was closed'))
    open?.channel.dispose()
  }
}

/** One sentence tells of many looks. */
function lossesTo(say: (sentence: string) => void) {
  let saidAt = Number.NEGATIVE_INFINITY
  return {
    onGap: (firstSeq: number) => say(`its events before number ${firstSeq} are no longer kept`),
    onLost(reason: string) {
      if (Date.now() - saidAt < sayLostAgainMs) return
      saidAt = Date.now()
      say(`out of sight (${reason}); it is looked for again and goes on from here`)
    },
  }
}

import type { ContractEvent } from '../../../contract/event.ts'
import type { ContractTask } from '../../../contract/task.ts'
import { harmlessJson } from '../pipeline/disarm.ts'
import type { Seen } from './seen.ts'
import type { Screen, View } from './view.ts'

/** A line of JSON for each event, `{type: "event", task, event}`, and at the end one for each task, `{type: "task", task}`. */
export class JsonView implements View {
  readonly #stdout: Screen['stdout']

  constructor({ stdout }: Screen) {
    this.#stdout = stdout
  }

  add(): void {}

  event(event: ContractEvent, { id }: Seen): void {
    this.#say({ type: 'event', task: id, event })
  }

  note(): void {}

  tell(): void {}

  leave(): void {}

  close(tasks: readonly ContractTask[]): void {
    for (const task of tasks) this.#say({ type: 'task', task })
  }

  #say(value: unknown): void {
    this.#stdout.write(`${harmlessJson(value)}\n`)
  }
}

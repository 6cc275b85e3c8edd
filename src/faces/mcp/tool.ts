import type { Mayfly } from '../../client/client.ts'
import { type Check, checkOf } from '../../contract/check.ts'
import type { Static, TSchema } from '../../contract/schema.ts'
import type { ContractTask } from '../../contract/task.ts'

/** What a tool is called with, besides its arguments. */
export interface Call {
  readonly client: Mayfly
  /** Aborted when nobody waits for the answer any more. */
  readonly signal: AbortSignal
  /** Aborted when there is no more time to wait for a task. */
  readonly over: AbortSignal
  /** Tells whoever waits how a task is. */
  readonly tell: (task: ContractTask) => Promise<void>
}

/** What a tool answers with, and how that reads; as JSON when left out. */
export interface Answer<Output extends TSchema = TSchema> {
  readonly value: Static<Output>
  readonly text?: string
}

type JsonSchema = Readonly<Record<string, unknown>>

export interface Tool {
  readonly name: string
  readonly title: string
  readonly description: string
  readonly input: JsonSchema
  readonly output: JsonSchema
  readonly hints: Hints
  /** What is wrong with the arguments. */
  readonly check: Check
  readonly run: (args: unknown, call: Call) => Promise<Answer>
  /** Only of what makes a task: the same, for whoever wants a task of the protocol itself. */
  readonly submit: ((args: unknown, call: Call) => Promise<ContractTask>) | undefined
}

/** What a host may go by when it asks its user, or does not. */
export interface Hints {
  readonly readOnlyHint: boolean
  readonly destructiveHint: boolean
  readonly idempotentHint: boolean
  readonly openWorldHint: boolean
}

export const looks: Hints = { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false }

interface Definition<Input extends TSchema, Output extends TSchema> {
  readonly name: string
  readonly title: string
  readonly description: string
  readonly input: Input
  readonly output: Output
  readonly hints?: Hints
  readonly run: (args: Static<Input>, call: Call) => Promise<Answer<Output>>
  readonly submit?: (args: Static<Input>, call: Call) => Promise<ContractTask>
}

/** A tool whose arguments are what its schema says by the time it is called. */
export function defineTool<Input extends TSchema, Output extends TSchema>(definition: Definition<Input, Output>): Tool {
  const { input, output, run, submit, hints = looks, ...words } = definition
  return {
    ...words,
    hints,
    input: input as unknown as JsonSchema,
    output: output as unknown as JsonSchema,
    check: checkOf(input, 'the arguments'),
    run: (args, call) => run(args as Static<Input>, call),
    submit: submit && ((args, call) => submit(args as Static<Input>, call)),
  }
}

import * as vscode from 'vscode'
import type { ContractKind } from '../../../contract/kinds.ts'
import { answerOf, hints, initialText } from '../input/answers.ts'
import { isObject, type Question, questionsOf } from '../input/questions.ts'

/** Sends files and says under which id they lie; nothing when that was given up. */
export type Send = () => Promise<string | undefined>

export type Input = Readonly<Record<string, unknown>>

/**
 * Asks for what an input still lacks: for what is needed one after the other, then for whatever else is wanted. Nothing
 * when somebody leaves a question with Escape.
 */
export async function askForInput(
  { kind, input: schema }: ContractKind,
  given: Input,
  { send, asksForMore }: { readonly send: Send; readonly asksForMore: boolean },
): Promise<unknown> {
  const open = questionsOf(schema).filter(({ name }) => !Object.hasOwn(given, name))
  let input: unknown = given
  for (const question of open.filter(({ isRequired }) => isRequired)) {
    const answer = await ask(kind, question, send)
    if (answer === undefined) return undefined
    input = question.name === '' ? answer.value : { ...(isObject(input) ? input : {}), [question.name]: answer.value }
  }
  const further = asksForMore ? open.filter(({ isRequired }) => !isRequired) : []
  return further.length === 0 || !isObject(input) ? input : askForMore(kind, further, input, send)
}

async function askForMore(kind: string, questions: readonly Question[], given: Input, send: Send): Promise<unknown> {
  const items = questions.map((question) => ({
    label: question.name,
    description: question.description || hints[question.form],
    question,
  }))
  const options = {
    canPickMany: true as const,
    title: kind,
    placeHolder: 'What else to give? Enter without any runs it as it is',
  }
  const chosen = await vscode.window.showQuickPick(items, options)
  if (!chosen) return undefined
  let input = given
  for (const { question } of chosen) {
    const answer = await ask(kind, question, send)
    if (answer === undefined) return undefined
    input = { ...input, [question.name]: answer.value }
  }
  return input
}

async function ask(kind: string, question: Question, send: Send): Promise<{ readonly value: unknown } | undefined> {
  switch (question.form) {
    case 'boolean':
      return choose(kind, question, [true, false])
    case 'choice':
      return choose(kind, question, question.choices)
    case 'upload': {
      const id = await send()
      return id === undefined ? undefined : { value: id }
    }
    default:
      return askForText(kind, question)
  }
}

async function choose(kind: string, { name, description }: Question, values: readonly unknown[]) {
  const word = (value: unknown) => (typeof value === 'boolean' ? (value ? 'yes' : 'no') : String(value))
  const items = values.map((value) => ({ label: word(value), value }))
  const chosen = await vscode.window.showQuickPick(items, { title: kind, placeHolder: description || name })
  return chosen && { value: chosen.value }
}

async function askForText(kind: string, question: Question) {
  const { name, form, description } = question
  const complaint = (text: string) => {
    const answer = answerOf(question, text)
    return 'complaint' in answer ? answer.complaint : undefined
  }
  const text = await vscode.window.showInputBox({
    title: name === '' ? kind : `${kind}: ${name}`,
    prompt: description === '' ? hints[form] : `${description} (${hints[form]})`,
    value: initialText(question),
    ignoreFocusOut: true,
    validateInput: complaint,
  })
  if (text === undefined) return undefined
  const answer = answerOf(question, text)
  return 'complaint' in answer ? undefined : answer
}

/** References of the secrets that a kind cannot do without, by its names for them. Nothing when that was given up. */
export async function askForSecrets(
  { kind, secrets }: ContractKind,
  names: () => Promise<readonly string[]>,
): Promise<Readonly<Record<string, string>> | undefined> {
  const needed = Object.entries(secrets ?? {}).filter(([, { required, reference }]) => required && !reference)
  if (needed.length === 0) return {}
  const known = await names()
  const references: Record<string, string> = {}
  for (const [name] of needed) {
    const items = known.map((label) => ({ label, description: `vault:${label}` }))
    const options = { title: `${kind}: ${name}`, placeHolder: `Which secret is its “${name}”?` }
    const chosen = known.length === 0 ? undefined : await vscode.window.showQuickPick(items, options)
    if (!chosen && known.length > 0) return undefined
    if (!chosen)
      throw new Error(`${kind} needs a secret “${name}”, and there is none: put one in with “mayfly secrets set”`)
    references[name] = chosen.description
  }
  return references
}

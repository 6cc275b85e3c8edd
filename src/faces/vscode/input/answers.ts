import { isObject, type Question } from './questions.ts'
import { wordsIn } from './words.ts'

export type Answer = { readonly value: unknown } | { readonly complaint: string }

/** What a text means as the answer to a question. The server checks the whole input again. */
export function answerOf(question: Question, text: string): Answer {
  const read = readAs(question, text)
  if ('complaint' in read) return read
  const complaint = complaintOf(question, read.value)
  return complaint === undefined ? read : { complaint }
}

/** How an answer looks before anybody has typed, and what is expected there. */
export function initialText({ form, initial }: Question): string {
  if (initial === undefined) return ''
  return form === 'text' ? String(initial) : JSON.stringify(initial)
}

export const hints: Readonly<Record<Question['form'], string>> = {
  text: 'text',
  number: 'a number',
  boolean: 'yes or no',
  choice: 'one of several',
  list: 'words, in quotes where they hold spaces; or a JSON array',
  upload: 'files to send',
  json: 'JSON',
}

function readAs({ form }: Question, text: string): Answer {
  switch (form) {
    case 'number':
      return text.trim() !== '' && Number.isFinite(Number(text))
        ? { value: Number(text) }
        : { complaint: 'this is not a number' }
    case 'list':
      return listOf(text)
    case 'json':
      return jsonOf(text)
    default:
      return { value: text }
  }
}

function listOf(text: string): Answer {
  if (text.trim().startsWith('[')) return jsonOf(text)
  const words = wordsIn(text)
  return words ? { value: words } : { complaint: 'a quote is not closed' }
}

function jsonOf(text: string): Answer {
  try {
    return { value: JSON.parse(text) }
  } catch {
    return { complaint: 'this is not JSON: texts stand in double quotes, objects in braces' }
  }
}

function complaintOf({ schema, isRequired }: Question, value: unknown): string | undefined {
  if (typeof value === 'string') return complaintOfText(schema, value, isRequired)
  if (typeof value === 'number') return complaintOfNumber(schema, value)
  if (schema.type === 'object' && !isObject(value)) return 'this has to be an object, such as {"name": "value"}'
  if (Array.isArray(value)) return complaintOfCount(schema, value.length)
  return schema.type === 'array' ? 'this has to be an array, such as ["one", "two"]' : undefined
}

function complaintOfText({ minLength, maxLength, pattern }: Question['schema'], text: string, isRequired: boolean) {
  if (isRequired && text === '' && minLength !== 0) return 'this is needed'
  if (typeof minLength === 'number' && text.length < minLength) return `at least ${minLength} characters`
  if (typeof maxLength === 'number' && text.length > maxLength) return `at most ${maxLength} characters`
  return typeof pattern === 'string' && !fits(text, pattern) ? `this has to match ${pattern}` : undefined
}

/** A pattern that this engine does not know is the server's to check. */
function fits(text: string, pattern: string): boolean {
  try {
    return new RegExp(pattern, 'u').test(text)
  } catch {
    return true
  }
}

function complaintOfNumber({ type, minimum, maximum }: Question['schema'], value: number): string | undefined {
  if (type === 'integer' && !Number.isSafeInteger(value)) return 'this has to be a whole number'
  if (typeof minimum === 'number' && value < minimum) return `at least ${minimum}`
  return typeof maximum === 'number' && value > maximum ? `at most ${maximum}` : undefined
}

function complaintOfCount({ minItems, maxItems }: Question['schema'], count: number): string | undefined {
  if (typeof minItems === 'number' && count < minItems) return `at least ${minItems}`
  return typeof maxItems === 'number' && count > maxItems ? `at most ${maxItems}` : undefined
}

/** What a kind's JSON schema asks of a person, one question for each member of the input. */
type Schema = Readonly<Record<string, unknown>>

/**
 * How an answer is given: words as on a command line, or a JSON array, become a `list`; whatever has a shape of its own
 * is written as `json`.
 */
export type Form = 'text' | 'number' | 'boolean' | 'choice' | 'list' | 'upload' | 'json'

export interface Question {
  /** Empty where the input is not an object of named members: it is asked for as a whole. */
  readonly name: string
  readonly form: Form
  readonly isRequired: boolean
  readonly description: string
  readonly choices: readonly unknown[]
  readonly initial: unknown
  readonly schema: Schema
}

export function questionsOf(schema: unknown): readonly Question[] {
  const whole = isObject(schema) ? schema : {}
  const { properties, required } = whole
  if (!isObject(properties)) return takesNothing(whole) ? [] : [questionOf('', whole, true)]
  const needed = new Set(Array.isArray(required) ? required : [])
  const names = Object.keys(properties)
  return [...names.filter((name) => needed.has(name)), ...names.filter((name) => !needed.has(name))].map((name) => {
    const member = properties[name]
    return questionOf(name, isObject(member) ? member : {}, needed.has(name))
  })
}

/** The member that an upload goes to; nothing where the kind takes none. */
export function uploadOf(schema: unknown): string | undefined {
  return questionsOf(schema).find(({ form, name }) => form === 'upload' && name !== '')?.name
}

function takesNothing({ type, additionalProperties }: Schema): boolean {
  return (
    (type === undefined || type === 'object') && (additionalProperties === false || additionalProperties === undefined)
  )
}

function questionOf(name: string, schema: Schema, isRequired: boolean): Question {
  const text = [schema.title, schema.description].filter((one) => typeof one === 'string' && one !== '')
  const choices = choicesOf(schema)
  return {
    name,
    form: formOf(schema, choices),
    isRequired,
    description: text.join(': '),
    choices,
    initial: schema.default,
    schema,
  }
}

function choicesOf({ enum: values, const: only, anyOf, oneOf }: Schema): readonly unknown[] {
  if (Array.isArray(values)) return values
  if (only !== undefined) return [only]
  const options = Array.isArray(anyOf) ? anyOf : Array.isArray(oneOf) ? oneOf : []
  const constants = options.map((option) => (isObject(option) ? option.const : undefined))
  return constants.every((value) => value !== undefined) ? constants : []
}

function formOf({ type, format, items }: Schema, choices: readonly unknown[]): Form {
  if (choices.length > 0) return 'choice'
  if (format === 'upload') return 'upload'
  if (type === 'boolean') return 'boolean'
  if (type === 'string') return 'text'
  if (type === 'integer' || type === 'number') return 'number'
  return type === 'array' && isObject(items) && items.type === 'string' ? 'list' : 'json'
}

export function isObject(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

import type { ErrorObject } from 'ajv'

const longestNameCharacters = 80

/** One clear English sentence for the first error that tells a reader something: "priority must be at most 3600". */
export function toSentence(errors: readonly ErrorObject[], whole: string): string {
  const error = mostTelling(errors)
  if (!error) return `${whole} is not valid`
  const place = nameOf(error.instancePath)
  if (isOfAnother(error)) return `${place || whole} must be ${alternatives(errors, error).join(' or ')}`
  return error.keyword === 'required' || error.keyword === 'additionalProperties'
    ? ofMembers(error, place)
    : `${place || whole} must ${demand(error)}`
}

/** Of the alternative that was meant: what lies deepest, and there what else is wrong than that it is something else. */
function mostTelling(errors: readonly ErrorObject[]): ErrorObject | undefined {
  const telling = errors.filter(isTelling)
  const [first = errors[0]] = telling
  if (!first || telling.length === 0 || !isOfAnother(first)) return first
  const depth = Math.max(...telling.map(depthOf))
  const deepest = telling.filter((error) => depthOf(error) === depth)
  return deepest.find((error) => !isOfAnother(error)) ?? deepest[0]
}

function depthOf({ instancePath }: ErrorObject): number {
  return instancePath.split('/').length
}

/** Whether an alternative was tried that the value is not meant for. */
function isOfAnother({ keyword }: ErrorObject): boolean {
  return keyword === 'type' || keyword === 'const'
}

/** What the value at its place may be instead. */
function alternatives(errors: readonly ErrorObject[], error: ErrorObject): readonly string[] {
  const same = errors.filter((one) => one.instancePath === error.instancePath && isOfAnother(one) && isTelling(one))
  return [...new Set((same.length > 0 ? same : [error]).map(alternative))]
}

function alternative({ keyword, params, parentSchema }: ErrorObject): string {
  const isConst = keyword === 'const' || parentSchema?.const !== undefined
  if (isConst) return JSON.stringify(parentSchema?.const)
  return [params.type].flat().map(String).map(article).join(' or ')
}

/** Left out: what only says that some alternative failed, and that a value is not null where null was one. */
function isTelling(error: ErrorObject): boolean {
  if (error.keyword === 'type') return error.params.type !== 'null'
  return !['anyOf', 'oneOf', 'false schema'].includes(error.keyword)
}

function ofMembers(error: ErrorObject, place: string): string {
  const within = place ? `${place}.` : ''
  if (error.keyword === 'required') return `${within}${error.params.missingProperty} is missing`
  return `${within}${shorten(error.params.additionalProperty)} is not allowed here`
}

function demand(error: ErrorObject): string {
  switch (error.keyword) {
    case 'minimum':
      return `be at least ${error.params.limit}`
    case 'maximum':
      return `be at most ${error.params.limit}`
    case 'minLength':
      return `have at least ${error.params.limit} character${error.params.limit === 1 ? '' : 's'}`
    case 'maxLength':
      return `have at most ${error.params.limit} characters`
    case 'minItems':
    case 'minProperties':
      return `have at least ${error.params.limit} ${error.params.limit === 1 ? 'entry' : 'entries'}`
    case 'maxItems':
    case 'maxProperties':
      return `have at most ${error.params.limit} entries`
    case 'enum':
      return `be one of ${error.params.allowedValues.join(', ')}`
    case 'pattern':
    case 'format':
      return `be ${describe(error) ?? 'written otherwise'}`
    default:
      return error.message?.replace(/^must /, '') ?? 'be otherwise'
  }
}

/** The description that the schema itself gives for what failed: kinder to a reader than a regular expression. */
function describe({ parentSchema }: ErrorObject): string | undefined {
  const description: unknown = parentSchema?.description
  return typeof description === 'string' ? description : undefined
}

function nameOf(pointer: string): string {
  return shorten(pointer.split('/').slice(1).map(unescapeStep).join('.'))
}

function unescapeStep(step: string): string {
  return step.replaceAll('~1', '/').replaceAll('~0', '~')
}

/** A name that came from outside: never longer than a line, never with control characters. */
function shorten(name: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: taking them out is the point
  const clean = name.replaceAll(/[\u0000-\u001f\u007f-\u009f]/g, '?')
  return clean.length > longestNameCharacters ? `${clean.slice(0, longestNameCharacters)}…` : clean
}

function article(type: string): string {
  return /^[aeiou]/.test(type) ? `an ${type}` : `a ${type}`
}

/** What an answer of Salesforce says when it is an error: REST has JSON, SOAP a fault, OAuth an object, maintenance HTML. */
import type { Facts } from './facts.ts'

export function factsOfAnswer(status: number, contentType: string, body: string): Facts {
  const found = jsonFacts(contentType, body) ?? faultFacts(contentType, body)
  return { status, ...(found ?? { message: plainText(body) }) }
}

type Found = Pick<Facts, 'code' | 'message'>

function jsonFacts(contentType: string, body: string): Found | undefined {
  if (!contentType.includes('json')) return undefined
  try {
    const parsed: unknown = JSON.parse(body)
    const [first, ...others] = (Array.isArray(parsed) ? parsed : [parsed]) as Record<string, unknown>[]
    const code = first?.errorCode ?? first?.error
    const message = first?.message ?? first?.error_description ?? body
    const more = others.length > 0 ? ` (and ${others.length} more)` : ''
    return { message: `${message}${more}`, ...(typeof code === 'string' && { code }) }
  } catch {
    return undefined
  }
}

function faultFacts(contentType: string, body: string): Found | undefined {
  if (!contentType.includes('xml')) return undefined
  const code = elementOf('faultcode', body) ?? elementOf('exceptionCode', body)
  const message = elementOf('faultstring', body) ?? elementOf('exceptionMessage', body)
  return code === undefined && message === undefined ? undefined : { message: message ?? '', ...(code && { code }) }
}

/** The text of the first element of this name, whatever its prefix. */
export function elementOf(name: string, xml: string): string | undefined {
  const text = new RegExp(`<(?:\\w+:)?${name}(?:\\s[^>]*)?>([^<]*)</`).exec(xml)?.[1]
  return text?.replace(/&(lt|gt|quot|apos|amp);/g, (_, entity: string) => entities[entity] ?? '')
}

const entities: Readonly<Record<string, string>> = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' }

/** Of pages that servers in front of Salesforce show. */
function plainText(body: string): string {
  return (
    body
      .replace(/<(?:style|script)[\s\S]*?<\/(?:style|script)>/gi, ' ')
      .replace(/<(?!h1>Bad Message 400<\/h1>|\/h1>)[^>]*>/g, ' ')
      .replace(/\s+/g, ' ')
      .trim()
      .slice(0, 500) || 'an empty answer'
  )
}

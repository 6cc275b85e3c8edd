import { type Answer, xml } from './answer.ts'

export const namespaces = {
  metadata: 'http://soap.sforce.com/2006/04/metadata',
  partner: 'urn:partner.soap.sforce.com',
} as const

/** An answer as jsforce reads it: prefixed envelope and body, a first child without prefix. `inner` is XML. */
export function soapAnswer(call: string, inner: string, namespace: string = namespaces.metadata): Answer {
  return xml(envelope(`<${call}Response>${inner}</${call}Response>`, `xmlns="${namespace}"`))
}

/** `code` with its prefix: `sf:INVALID_SESSION_ID`. Salesforce sends faults with status 500. */
export function soapFault(code: string, message: string): Answer {
  const fault = `<faultcode>${code}</faultcode><faultstring>${escapeXml(message)}</faultstring>`
  return xml(envelope(`<soapenv:Fault>${fault}</soapenv:Fault>`, 'xmlns:sf="urn:fault.partner.soap.sforce.com"'), 500)
}

/** Members of an object as elements; lists repeat theirs, null and undefined are left out. */
export function elements(value: Readonly<Record<string, unknown>>): string {
  return Object.entries(value)
    .flatMap(([name, member]) => (Array.isArray(member) ? member : [member]).map((one) => element(name, one)))
    .join('')
}

export function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
}

export function unescapeXml(text: string): string {
  return text
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&apos;', "'")
    .replaceAll('&amp;', '&')
}

function element(name: string, value: unknown): string {
  if (value === null || value === undefined) return ''
  const inner = typeof value === 'object' ? elements(value as Record<string, unknown>) : escapeXml(String(value))
  return `<${name}>${inner}</${name}>`
}

function envelope(body: string, declarations: string): string {
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" ${declarations}`,
    ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">',
    `<soapenv:Body>${body}</soapenv:Body></soapenv:Envelope>`,
  ].join('')
}

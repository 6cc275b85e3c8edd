import { secretIn } from '../lint/known-secrets.ts'
import type { Finding } from '../lint/report.ts'
import { sentenceOf } from '../lint/rule.ts'
import { suppressionsIn } from '../lint/suppressions.ts'
import { rootElementOf } from './root-element.ts'
import { type MetadataRule, metadataRules } from './rules.ts'
import { childrenNamed, type Element, readXml, textOf } from './xml.ts'

/** Six years back. */
export const oldestApiVersion = 50

/** What is wrong in one file of XML by itself. */
export function lintMetadata(file: string, text: string): readonly Finding[] {
  const { root, fault } = readXml(text)
  if (fault) return [{ file, rule: 'syntax', severity: 'error', ...fault }]
  if (!root) return []
  const isSuppressed = suppressionsIn(text)
  const found = [
    ...rootFindings(file, root),
    ...versionFindings(file, root),
    ...duplicateParts(file, root),
    ...secretFindings(file, root),
  ]
  return found.filter(({ line, rule }) => !isSuppressed(line, rule))
}

function rootFindings(file: string, root: Element): readonly Finding[] {
  const expected = rootElementOf(file)
  if (!expected || expected.test(root.name)) return []
  return [finding('metadata/root', file, root, `the root element is <${root.name}>, not ${wordsOf(expected)}`)]
}

function versionFindings(file: string, root: Element): readonly Finding[] {
  return childrenNamed(root, root.name === 'Package' ? 'version' : 'apiVersion').flatMap((element) => {
    const version = Number(element.text)
    if (!(version > 0 && version < oldestApiVersion)) return []
    return [finding('metadata/api-version', file, element, `the API version is ${element.text}`)]
  })
}

function secretFindings(file: string, element: Element): readonly Finding[] {
  const secret = element.text === '' ? undefined : secretIn(element.text)
  const own =
    secret === undefined ? [] : [finding('metadata/secret', file, element, `${secret} is written in <${element.name}>`)]
  return [...own, ...element.children.flatMap((child) => secretFindings(file, child))]
}

/** Fields, labels, values of a picklist and whatever else is told apart by its full name. */
function duplicateParts(file: string, element: Element): readonly Finding[] {
  const seen = new Set<string>()
  return element.children.flatMap((child) => {
    const name = textOf(child, 'fullName')
    const key = `${child.name}:${name}`
    const isTwice = name !== undefined && seen.has(key)
    seen.add(key)
    const own = isTwice
      ? [finding('metadata/duplicate-part', file, child, `<${child.name}> ${name} is there twice`)]
      : []
    return [...own, ...duplicateParts(file, child)]
  })
}

function wordsOf({ source }: RegExp): string {
  return source === '^\\w*Settings$' || source === '^\\w+Folder$'
    ? `of the kind ${source.slice(1, -1)}`
    : `<${source.slice(1, -1)}>`
}

export function finding(
  rule: MetadataRule,
  file: string,
  { line, column }: Pick<Element, 'line' | 'column'>,
  what: string,
): Finding {
  const facts = metadataRules[rule]
  return { file, line, column, rule, severity: facts.severity, message: sentenceOf(facts, what) }
}

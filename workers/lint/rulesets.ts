/** Which rules look at a file, by its path alone: `/` between its parts. */
import { rootElementOf } from '../metadata/root-element.ts'

const salesforceRulesets = ['apex', 'metadata', 'lwc'] as const

export type SalesforceRuleset = (typeof salesforceRulesets)[number]

export function rulesetOf(path: string): SalesforceRuleset | undefined {
  if (/\.(cls|trigger|apex)$/.test(path)) return 'apex'
  if (/(^|\/)lwc\/[^/]+\/(?:(?!__)[^/]+\/)*(?!__)[^/]+\.html$/.test(path)) return 'lwc'
  return path.endsWith('-meta.xml') || rootElementOf(path) ? 'metadata' : undefined
}

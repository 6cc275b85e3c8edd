import type { RuleFacts } from '../lint/rule.ts'

export const metadataRules = {
  'metadata/root': {
    severity: 'error',
    title: 'the root element is not that of the type',
    why: 'Salesforce refuses the file, or takes it for another type',
    remedy: 'name the root element as the type, or the file by what it holds',
  },
  'metadata/api-version': {
    severity: 'warning',
    title: 'an old API version',
    why: 'it keeps the behaviour of years ago, and versions up to 30 are no longer served',
    remedy: 'raise apiVersion and run the tests',
  },
} as const satisfies Record<string, RuleFacts>

export type MetadataRule = keyof typeof metadataRules

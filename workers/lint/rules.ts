/** All rules for the files of a Salesforce project, as data. */
import { apexRules } from '../apex/rules.ts'
import { metadataRules } from '../metadata/rules.ts'
import type { RuleFacts } from './rule.ts'

export const salesforceRules: Readonly<Record<string, RuleFacts>> = {
  syntax: {
    severity: 'error',
    title: 'the file cannot be read',
    why: 'Salesforce refuses it too',
    remedy: 'mend what is said to be wrong there',
  },
  'not-checked': {
    severity: 'warning',
    title: 'the file was not looked at',
    why: 'it is too large, or took too long',
    remedy: 'exclude it where a program made it',
  },
  ...apexRules,
  ...metadataRules,
  'lwc/template': {
    severity: 'error',
    title: 'the template cannot be compiled',
    why: "the words are those of Salesforce's own compiler, which stops the deployment",
    remedy: 'mend what it names',
  },
}

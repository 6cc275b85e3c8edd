import type { RuleFacts } from '../lint/rule.ts'

/** The rules for metadata as data. */
export const metadataRules = {
  'metadata/root': {
    severity: 'error',
    title: 'the root element is not that of the type',
    why: 'Salesforce refuses the file, or takes it for another type',
    remedy: 'name the root element as the type, or the file by what it holds',
  },
  'metadata/secret': {
    severity: 'error',
    title: 'a secret is written in the sources',
    why: 'whoever reads them or their history has it',
    remedy:
      'take it back where it was given, and put the new one in with replacements of sfdx-project.json or in the org',
  },
  'metadata/api-version': {
    severity: 'warning',
    title: 'an old API version',
    why: 'it keeps the behaviour of years ago, and versions up to 30 are no longer served',
    remedy: 'raise apiVersion and run the tests',
  },
  'metadata/api-version-spread': {
    severity: 'warning',
    title: 'API versions far apart',
    why: 'the same code behaves in one class otherwise than in the next',
    remedy: 'bring the oldest nearer to the newest',
  },
  'metadata/manifest-version': {
    severity: 'error',
    title: 'a manifest without an API version',
    why: 'Salesforce refuses it',
    remedy: 'write <version>62.0</version> or newer',
  },
  'metadata/duplicate': {
    severity: 'error',
    title: 'the same component twice',
    why: 'which of them an org gets is chance, or Salesforce refuses both',
    remedy: 'keep one',
  },
  'metadata/duplicate-part': {
    severity: 'error',
    title: 'two parts of the same name in one file',
    why: 'Salesforce refuses the file',
    remedy: 'keep one, or give the other a name of its own',
  },
  'metadata/name': {
    severity: 'error',
    title: 'a name that Salesforce does not take',
    why: 'the deployment fails',
    remedy: 'rename the component and its files',
  },
  'metadata/pair': {
    severity: 'error',
    title: 'a file without the one that belongs to it',
    why: 'neither is deployed without the other',
    remedy: 'add what is missing, or leave it out with .forceignore',
  },
  'metadata/unknown-type': {
    severity: 'warning',
    title: 'a type that is not known',
    why: 'it is left out, or Salesforce refuses it',
    remedy: 'look at how the type or the suffix is written, or leave the file out with .forceignore',
  },
  'metadata/not-in-files': {
    severity: 'error',
    title: 'named in a manifest and not in the package',
    why: 'the deployment of the package fails',
    remedy: 'add the file, or take the name out',
  },
  'metadata/not-in-manifest': {
    severity: 'warning',
    title: 'in the package and not named in its manifest',
    why: 'it is not deployed, and nobody is told',
    remedy: 'name it, or take the file out',
  },
  'metadata/destructive': {
    severity: 'error',
    title: 'deleted and deployed, or deleted by a pattern',
    why: 'one undoes the other, and a manifest of what is deleted takes no *',
    remedy: 'take it out of one of the two, and name each component',
  },
  'metadata/unresolved': {
    severity: 'warning',
    title: 'a name of nothing that is there',
    why: 'what it would be a part of is in the sources, so the org hardly has it, and the deployment fails',
    remedy: 'correct the name, or add what is missing',
  },
  'metadata/refers-to-deleted': {
    severity: 'error',
    title: 'something is used that is to be deleted',
    why: 'Salesforce deletes nothing that is used',
    remedy: 'take the name out here, or the other out of the manifest of what is deleted',
  },
  'metadata/too-big': {
    severity: 'error',
    title: 'more than Salesforce takes at once',
    why: 'the upload would be refused',
    remedy: 'deploy it in parts, with include or packageDirectories',
  },
  'metadata/not-compiled': {
    severity: 'warning',
    title: 'code that the org does not have yet',
    why: 'it can be compiled there only as a part of a deployment',
    remedy: 'run deploy.validate',
  },
  'metadata/does-not-compile': {
    severity: 'error',
    title: 'the org does not compile it',
    why: 'a deployment would fail with the same words',
    remedy: 'mend the code, or deploy what it needs first',
  },
} as const satisfies Record<string, RuleFacts>

export type MetadataRule = keyof typeof metadataRules

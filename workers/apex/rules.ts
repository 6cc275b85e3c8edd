/**
 * The rules for Apex as data: what people read in findings, in SARIF and in the README comes from here alone. `pmd` are
 * the names under which PMD knows the same fault: what a project suppresses for PMD is suppressed here as well.
 */
import type { RuleFacts } from '../lint/rule.ts'

export const apexRules = {
  'apex/soql-in-loop': {
    severity: 'error',
    title: 'a query in a loop',
    why: 'a transaction may query 100 times: with the 101st record it fails',
    remedy: 'query once before the loop, with "IN :ids", and look records up in a map',
    pmd: ['OperationWithLimitsInLoop', 'AvoidSoqlInLoops', 'AvoidSoslInLoops'],
  },
  'apex/dml-in-loop': {
    severity: 'error',
    title: 'a DML operation in a loop',
    why: 'a transaction may write 150 times: with the 151st record it fails',
    remedy: 'collect the records in a list and write the list after the loop',
    pmd: ['OperationWithLimitsInLoop', 'AvoidDmlStatementsInLoops'],
  },
  'apex/callout-in-loop': {
    severity: 'error',
    title: 'a callout in a loop',
    why: 'a transaction may make 100 callouts, which take 120 seconds at most together',
    remedy: 'send one request for all records, or a queueable for each chunk',
    pmd: ['OperationWithLimitsInLoop'],
  },
  'apex/empty-catch': {
    severity: 'warning',
    title: 'an exception is swallowed',
    why: 'nobody will learn that it failed',
    remedy: 'handle it, log it or let it through; a comment in the block that says why is accepted too',
    pmd: ['EmptyCatchBlock'],
  },
  'apex/system-debug': {
    severity: 'warning',
    title: 'System.debug was left in',
    why: 'its arguments are computed in production too, and may show what nobody should read in a log',
    remedy: 'remove it, or log through the logging framework of the project',
    pmd: ['AvoidDebugStatements', 'DebugsShouldUseLoggingLevel'],
  },
  'apex/hardcoded-id': {
    severity: 'warning',
    title: 'the id of a record is written in the code',
    why: 'the record has another id in every other org',
    remedy: 'find it by its developer name, or keep it in custom metadata',
    pmd: ['AvoidHardcodingId'],
  },
  'apex/hardcoded-secret': {
    severity: 'error',
    title: 'a secret is written in the code',
    why: 'whoever reads the code or its history has it',
    remedy: 'take it back where it was given, and keep the new one in a named credential',
    pmd: ['ApexSuggestUsingNamedCred'],
  },
  'apex/dynamic-soql': {
    severity: 'warning',
    title: 'a query is put together from a value',
    why: 'who controls the value can change the query (SOQL injection)',
    remedy: 'use a bind variable or Database.queryWithBinds, or at least String.escapeSingleQuotes',
    pmd: ['ApexSOQLInjection'],
  },
  'apex/missing-sharing': {
    severity: 'warning',
    title: 'a class that reads or writes records does not say how it shares',
    why: 'whether users see only their records then depends on who calls it',
    remedy: 'declare it "with sharing", "inherited sharing", or "without sharing" on purpose',
    pmd: ['ApexSharingViolations'],
  },
  'apex/see-all-data': {
    severity: 'warning',
    title: 'a test sees the data of the org',
    why: 'it passes in one org and fails in another',
    remedy: 'create the records that the test needs, and remove SeeAllData',
    pmd: ['ApexUnitTestShouldNotUseSeeAllDataTrue'],
  },
  'apex/test-without-assert': {
    severity: 'warning',
    title: 'a test that asserts nothing',
    why: 'it raises coverage and cannot fail for a wrong result',
    remedy: 'assert what the code should have done',
    pmd: ['ApexUnitTestClassShouldHaveAsserts'],
  },
  'apex/aura-without-sharing': {
    severity: 'warning',
    title: 'a component reaches code "without sharing"',
    why: 'every user who can open the component, guests too, reaches all records through it',
    remedy: 'declare the class "with sharing", and move what needs more into a class of its own',
    pmd: ['ApexSharingViolations'],
  },
  'apex/long-class': {
    severity: 'warning',
    title: 'a class of more than 1000 lines',
    why: 'nobody keeps it in mind, and everybody changes it',
    remedy: 'move what belongs together into classes of its own',
    pmd: ['ExcessiveClassLength', 'NcssTypeCount', 'NcssCount'],
  },
  'apex/trigger-logic': {
    severity: 'warning',
    title: 'a trigger that does the work itself',
    why: 'it cannot be called from a test or from elsewhere, and triggers of one object run in no certain order',
    remedy: 'call one handler class from the trigger',
    pmd: ['AvoidLogicInTrigger'],
  },
} as const satisfies Record<string, RuleFacts>

export type ApexRule = keyof typeof apexRules

import { describe, expect, it } from 'vitest'
import { lintApex } from '../../../workers/apex/lint.ts'
import { apexRules } from '../../../workers/apex/rules.ts'

const rulesIn = (text: string, file = 'A.cls') => lintApex(file, text).map(({ rule, line }) => `${rule} ${line}`)
const method = (body: string, head = 'public with sharing class A') => `${head} {\n  void run() {\n${body}\n  }\n}`

describe('the rules for Apex', () => {
  it.each([
    ['soql-in-loop', method('for (Integer i = 0; i < 9; i++) { Account a = [SELECT Id FROM Account LIMIT 1]; }')],
    ['soql-in-loop', method("while (true) { Database.query('SELECT Id FROM Account'); }")],
    ['soql-in-loop', method("do { System.Database.countQuery('SELECT count() FROM Account'); } while (true);")],
    ['soql-in-loop', method('for (Integer i = 0; [SELECT count() FROM Account] > i; i++) {}')],
    ['dml-in-loop', method('for (Account a : records) { update a; }')],
    ['dml-in-loop', method('for (Account a : records) { if (a.Name != null) { Database.insert(a, false); } }')],
    ['callout-in-loop', method('Http h = new Http(); for (String s : records) { h.send(new HttpRequest()); }')],
    ['callout-in-loop', method('for (String s : records) { new Http().send(request); }')],
    ['empty-catch', method('try { go(); } catch (DmlException e) { }')],
    ['system-debug', method("System.debug('x');")],
    ['hardcoded-id', method("Id one = '001D000000IqhSLIAZ';")],
    ['hardcoded-secret', method(`String a = 'gh${'p_'}${'a1B2'.repeat(9)}';`)],
    ['hardcoded-secret', method("String a = 'https://me:hunter22@example.com/';")],
    [
      'dynamic-soql',
      "with sharing class A { void run(String name) { Database.query('SELECT Id FROM A WHERE N = ' + name); } }",
    ],
    ['missing-sharing', method('update records;', 'public class A')],
    ['see-all-data', '@IsTest(SeeAllData=true) private class A {}'],
    ['test-without-assert', '@IsTest private class A { @IsTest static void works() { new B().run(); } }'],
    ['aura-without-sharing', 'public without sharing class A { @AuraEnabled public static void run() {} }'],
    ['long-class', `public with sharing class A {\n${'Integer x;\n'.repeat(1_100)}}`],
  ])('find %s', (rule, text) => {
    expect(rulesIn(text).map((found) => found.split(' ')[0])).toContain(`apex/${rule}`)
  })

  it.each([
    ['the query that a loop goes through', method('for (Account a : [SELECT Id FROM Account]) { names.add(a.Name); }')],
    ['what comes before the first round', method('for (Integer i = [SELECT count() FROM A]; i > 0; i--) {}')],
    [
      'one operation for each chunk of a query',
      method('for (List<Account> some : [SELECT Id FROM Account]) { update some; }'),
    ],
    ['a method of the same name as that of Http', method('for (String s : records) { mail.send(s); }')],
    [
      'what loops in tests',
      '@IsTest class A { @TestSetup static void make() { for (A a : records) { insert a; System.debug(a); } } }',
    ],
    ['a catch with a reason', method('try { go(); } catch (Exception e) {\n // it may be gone already\n}')],
    [
      'words of 15 letters',
      method("String a = 'Acknowledgement'; String b = 'abcde0fghijklmn'; String c = '000000000000000';"),
    ],
    ['18 letters that are no id', method("String a = '0015g00000Abc12ZZZ';")],
    [
      'a query of known parts',
      method(
        "final String F = 'Id'; String q = 'SELECT ' + F; q += ' LIMIT ' + size; Integer size = 3; Database.query(q);",
      ),
    ],
    [
      'an escaped value',
      "with sharing class A { void run(String n) { Database.query('SELECT Id FROM A WHERE N = ' + String.escapeSingleQuotes(n)); } }",
    ],
    ['a class without data', 'public class A { Integer plus(Integer a) { return a + 1; } }'],
    ['an inner class that inherits', 'public inherited sharing class A { class B { void run() { update x; } } }'],
    [
      'asserts in a helper',
      '@IsTest class A { @IsTest static void works() { check(); } static void check() { deeper(); } static void deeper() { Assert.isTrue(true); } }',
    ],
    ['mocks that verify', '@IsTest class A { @IsTest static void works() { ((B) mocks.verify(b, 2)).run(); } }'],
    ['a loop of the method around a class', 'public with sharing class A { class B { void run() { update x; } } }'],
  ])('leave alone %s', (_, text) => {
    expect(rulesIn(text)).toEqual([])
  })

  it('tell triggers that work from those that hand on', () => {
    const handing =
      'trigger T on Account (before insert, after update) {\n  if (Trigger.isBefore) { new Handler().before(Trigger.new); }\n}'
    expect(rulesIn(handing, 'T.trigger')).toEqual([])
    const working = "trigger T on Account (before insert) {\n  for (Account a : Trigger.new) { a.Name = 'x'; }\n}"
    expect(rulesIn(working, 'T.trigger')).toEqual(['apex/trigger-logic 1'])
  })

  it('say for each what is wrong, why that matters and what to do', () => {
    for (const { title, why, remedy } of Object.values(apexRules))
      expect([title, why, remedy].join('')).not.toMatch(/\.$|^$/)
    const [finding] = lintApex('A.cls', method('System.debug(1);'))
    expect(finding).toEqual({
      file: 'A.cls',
      line: 3,
      column: 1,
      rule: 'apex/system-debug',
      severity: 'warning',
      message:
        'System.debug was left in: its arguments are computed in production too, and may show what nobody should read in a log; remove it, or log through the logging framework of the project',
    })
  })
})

describe('a file that cannot be read', () => {
  it('has the places of its faults as its only findings', () => {
    expect(rulesIn('public class A {\n  void run( { System.debug(1); }\n}')).toContain('syntax 2')
    expect(rulesIn('trigger T on Account {}', 'T.trigger')).toEqual(['syntax 1'])
    expect(rulesIn("String s = 'x';\nSystem.debug(s);", 'script.apex')).toEqual(['apex/system-debug 2'])
  })
  it('tells no more than a few faults of what is no Apex', () => {
    expect(lintApex('A.cls', '\\documentclass{article}\n%\n'.repeat(200)).length).toBeLessThanOrEqual(20)
  })
})

describe('what is suppressed', () => {
  const debug = 'System.debug(1);'
  it.each([
    ['on the line', method(`${debug} // mayfly-ignore apex/system-debug -- wanted`), []],
    ['on the line above', method(`// mayfly-ignore\n${debug}`), []],
    ['in the file', `// mayfly-ignore-file apex/system-debug\n${method(debug)}`, []],
    ['another rule', method(`${debug} // mayfly-ignore apex/empty-catch`), ['apex/system-debug 3']],
    ['a line further down', method(`// mayfly-ignore\n\n${debug}`), ['apex/system-debug 5']],
    ['for PMD on the line', method(`${debug} // NOPMD`), []],
    ['for PMD in the class', `@SuppressWarnings('PMD.AvoidDebugStatements, PMD.Other')\n${method(debug)}`, []],
    ['another rule of PMD', `@SuppressWarnings('PMD.EmptyCatchBlock')\n${method(debug)}`, ['apex/system-debug 4']],
    [
      'all of PMD in the method',
      `with sharing class A {\n@SuppressWarnings('PMD')\nvoid run() { ${debug} }\nvoid go() { ${debug} } }`,
      ['apex/system-debug 4'],
    ],
  ])('is what is meant: %s', (_, text, left) => {
    expect(rulesIn(text)).toEqual(left)
  })
})

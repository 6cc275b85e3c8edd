import { describe, expect, it } from 'vitest'
import { compileProblem, testMethodsIn } from './apex.ts'

describe('the methods of a test class', () => {
  it('are those that are marked, in either way of marking', () => {
    const body = `@IsTest(SeeAllData=false)
      private class A {
        @TestSetup static void prepare() {}
        @isTest static void first() { helper(); }
        @IsTest(IsParallel=true)
        private static void second() {}
        static testMethod void third() {}
        static void helper() {}
      }`
    expect(testMethodsIn(body)).toEqual(['first', 'second', 'third'])
  })

  it('are none of a class that is no test', () => {
    expect(testMethodsIn('public class A { public static void first() {} }')).toEqual([])
  })
})

describe('the compiler', () => {
  it('counts braces, but not those of comments and strings', () => {
    expect(compileProblem("public class A { String s = '}'; /* } */ // }\n}")).toBeNull()
  })

  it('says where a brace is missing or too many', () => {
    expect(compileProblem('class A {\n  void b() {\n}')).toEqual({
      problem: "Missing '}' at '<EOF>'",
      lineNumber: 3,
      columnNumber: 2,
    })
    expect(compileProblem('class A {\n}\n}')).toMatchObject({ problem: "Unexpected token '}'.", lineNumber: 3 })
  })
})

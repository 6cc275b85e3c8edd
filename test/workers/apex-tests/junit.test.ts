import { XMLParser, XMLValidator } from 'fast-xml-parser'
import { describe, expect, it } from 'vitest'
import { junitOf } from '../../../workers/apex-tests/junit.ts'
import type { MethodResult } from '../../../workers/apex-tests/method.ts'

const method = (name: string, more: Partial<MethodResult> = {}): MethodResult => ({
  className: 'A&B',
  method: name,
  outcome: 'pass',
  seconds: 0.25,
  message: null,
  stackTrace: null,
  ...more,
})

describe('JUnit of Apex tests', () => {
  it('has a suite for each class, and counts', () => {
    const text = junitOf('apex.test', [
      method('passes'),
      method('fails', { outcome: 'fail', message: 'a < b\u0001', stackTrace: 'Class.A: line 1, column 1' }),
      method('waits', { outcome: 'skip', className: 'C' }),
    ])
    expect(XMLValidator.validate(text)).toBe(true)
    const { testsuites } = new XMLParser({ ignoreAttributes: false, htmlEntities: true }).parse(text)
    expect(testsuites).toMatchObject({ '@_tests': '3', '@_failures': '1', '@_skipped': '1', '@_time': '0.75' })
    expect(testsuites.testsuite[0]).toMatchObject({ '@_name': 'A&B', '@_tests': '2' })
    expect(text).toContain('<failure message="a &#60; b\ufffd">Class.A: line 1, column 1</failure>')
  })

  it('has what is no test as a test that failed', () => {
    const text = junitOf('deploy', [], [{ suite: 'ApexClass', name: 'A.cls:3', message: 'it is wrong' }])
    expect(text).toContain('<testsuites name="deploy" tests="1" failures="1"')
    expect(text).toContain('classname="ApexClass" name="A.cls:3"')
  })
})

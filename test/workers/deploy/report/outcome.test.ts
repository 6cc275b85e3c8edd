import { describe, expect, it } from 'vitest'
import { outcomeOf } from '../../../../workers/deploy/report/outcome.ts'
import { failureOf, summaryOf } from '../../../../workers/deploy/report/words.ts'
import type { DeployStatus } from '../../../../workers/deploy/result.ts'

const origins = {
  files: {
    'classes/Shop.cls': 'app/classes/Shop.cls',
    'classes/ShopTest.cls': 'app/tests/ShopTest.cls',
    'lwc/shop/shop.js': 'app/lwc/shop/shop.js',
    'objects/Shop__c.object': 'app/objects/Shop__c/Shop__c.object-meta.xml',
  },
  segments: {
    'objects/Shop__c.object': [
      [3, 'app/objects/Shop__c/Shop__c.object-meta.xml', 3],
      [4, 'app/objects/Shop__c/fields/Size__c.field-meta.xml', 2],
    ] as const,
  },
  members: { 'CustomField:Shop__c.Size__c': 'app/objects/Shop__c/fields/Size__c.field-meta.xml' },
  fallback: 'sfdx-project.json',
}

const counts = {
  numberComponentsDeployed: 1,
  numberComponentsTotal: 3,
  numberComponentErrors: 2,
  numberTestsCompleted: 0,
  numberTestsTotal: 0,
  numberTestErrors: 0,
}

function status(details: NonNullable<DeployStatus['details']>, more: Partial<DeployStatus> = {}): DeployStatus {
  return { id: '0Af1', status: 'Failed', done: true, success: false, checkOnly: true, ...counts, details, ...more }
}

const failure = (fileName: string, more: object = {}) => ({
  fileName,
  fullName: 'X',
  componentType: 'ApexClass',
  problem: 'it is wrong',
  problemType: 'Error',
  ...more,
})

const named = { org: 'prod', name: 'validation' } as const
const placesOf = (...componentFailures: ReturnType<typeof failure>[]) =>
  outcomeOf(status({ componentFailures }), origins).findings.map(({ file, line, column }) => [file, line, column])

describe('what an org says of a package', () => {
  it('is said of the files of the project', () => {
    expect(
      placesOf(
        failure('classes/Shop.cls', { lineNumber: 3, columnNumber: 7 }),
        failure('unpackaged/lwc/shop', { componentType: 'LightningComponentBundle' }),
        failure('', { fullName: '' }),
        failure('package.xml'),
      ),
    ).toEqual([
      ['app/classes/Shop.cls', 3, 7],
      ['app/lwc/shop/shop.js', 1, 1],
      ['sfdx-project.json', 1, 1],
      ['sfdx-project.json', 1, 1],
    ])
  })

  it('is said of the part of an object that its line or its name leads to', () => {
    const field = { componentType: 'CustomField', fullName: 'Shop__c.Size__c' }
    expect(
      placesOf(
        failure('objects/Shop__c.object', { ...field, lineNumber: 7, columnNumber: 2 }),
        failure('objects/Shop__c.object', field),
        failure('objects/Shop__c.object', { componentType: 'CustomObject', fullName: 'Shop__c' }),
      ),
    ).toEqual([
      ['app/objects/Shop__c/fields/Size__c.field-meta.xml', 5, 2],
      ['app/objects/Shop__c/fields/Size__c.field-meta.xml', 1, 1],
      ['app/objects/Shop__c/Shop__c.object-meta.xml', 1, 1],
    ])
  })

  it('names the component where the file does not, and puts warnings last', () => {
    const { findings } = outcomeOf(
      status({
        componentFailures: [
          failure('a.labels', { fullName: 'Hello', problemType: 'Warning' }),
          failure('a', { fullName: 'B' }),
        ],
        componentSuccesses: [failure('classes/Shop.cls', { fullName: 'Shop', problemType: 'Warning' })],
      }),
      origins,
    )
    expect(findings.map(({ severity, message }) => [severity, message])).toEqual([
      ['error', 'B: it is wrong'],
      ['warning', 'Hello: it is wrong'],
      ['warning', 'it is wrong'],
    ])
  })
})

const tested = (more: object = {}) => ({
  runTestResult: {
    numTestsRun: 2,
    totalTime: 1_500,
    successes: [{ name: 'ShopTest', methodName: 'sells', time: 500 }],
    failures: [
      {
        name: 'ShopTest',
        methodName: 'returns',
        message: 'System.AssertException: Assertion Failed',
        stackTrace: 'Class.Shop.take: line 4, column 1\nClass.ShopTest.returns: line 12, column 3',
        time: 1_000,
      },
    ],
    codeCoverage: [
      { name: 'Shop', type: 'Class', numLocations: 10, numLocationsNotCovered: 5 },
      { name: 'OnShop', type: 'Trigger', numLocations: 10, numLocationsNotCovered: 0 },
    ],
    codeCoverageWarnings: [{ name: 'Shop', message: 'Test coverage of selected Apex Class is 50%' }],
    ...more,
  },
})

describe('what tests of a deployment came to', () => {
  it('is said beside the line of the test, with where it went wrong', () => {
    const { findings, methods, orgPercent } = outcomeOf(status(tested()), origins)
    expect(findings).toEqual([
      {
        file: 'app/tests/ShopTest.cls',
        line: 12,
        column: 3,
        rule: 'test',
        severity: 'error',
        message: 'returns: System.AssertException: Assertion Failed (Class.Shop.take: line 4, column 1)',
      },
      {
        file: 'app/classes/Shop.cls',
        line: 1,
        column: 1,
        rule: 'coverage',
        severity: 'error',
        message: 'Shop: Test coverage of selected Apex Class is 50%',
      },
    ])
    expect(methods.map(({ method, outcome, seconds }) => [method, outcome, seconds])).toEqual([
      ['returns', 'fail', 1],
      ['sells', 'pass', 0.5],
    ])
    expect(orgPercent).toBe(75)
  })

  it('falls short of coverage that was asked for', () => {
    const good = status(tested({ failures: [], codeCoverageWarnings: [] }), { success: true, status: 'Succeeded' })
    const outcome = outcomeOf(good, origins, { org: 80, perClass: 75 })
    expect(outcome.findings.map(({ file, message }) => [file, message])).toEqual([
      ['sfdx-project.json', 'tests reach 75 % of all code, 80 % are asked for'],
      ['app/classes/Shop.cls', 'tests reach 50 % of Shop, 75 % are asked for'],
    ])
    expect(failureOf(outcome, named)).toEqual({
      code: 'COVERAGE_TOO_LOW',
      message:
        'org prod: the validation 0Af1 succeeded, but is not good enough: sfdx-project.json:1: tests reach 75 % of all code, 80 % are asked for (and 1 more, in the log and the artifacts)',
    })
    expect(failureOf(outcomeOf(good, origins, { org: 75 }), named)).toBeUndefined()
  })
})

describe('the sentence of a deployment that failed', () => {
  it('has the org, the deployment, and what is first to be done', () => {
    const outcome = outcomeOf(status({ componentFailures: [failure('classes/Shop.cls', { lineNumber: 3 })] }), origins)
    expect(failureOf(outcome, named)).toEqual({
      code: 'DEPLOY_FAILED',
      message: 'org prod: the validation 0Af1 ended as Failed: app/classes/Shop.cls:3: X: it is wrong',
    })
  })

  it('has what Salesforce says of the whole', () => {
    const outcome = outcomeOf(status({}, { errorMessage: 'UNKNOWN_EXCEPTION: An unexpected error' }), origins)
    expect(failureOf(outcome, named)?.message).toMatch(/ended as Failed: UNKNOWN_EXCEPTION: An unexpected error$/)
  })

  it('is another one where somebody cancelled it in the org', () => {
    const outcome = outcomeOf(status({}, { status: 'Canceled', canceledByName: 'Ada' }), origins)
    expect(failureOf(outcome, named)).toEqual({
      code: 'DEPLOY_CANCELED',
      message: 'org prod: the validation 0Af1 was cancelled in the org by Ada: nothing of it is deployed',
    })
  })
})

describe('the summary', () => {
  it('shows text as text', () => {
    const outcome = outcomeOf(
      status({ ...tested(), componentFailures: [failure('classes/Shop.cls', { problem: '<img> | @all' })] }),
      origins,
    )
    const text = summaryOf(outcome, named)
    expect(text).toContain('### validation 0Af1 to prod: Failed')
    expect(text).toContain('75 % covered')
    expect(text).toContain('| error | app/classes/Shop.cls:1 | X: &#60;img&#62; &#124; &#64;all |')
    expect(text).toContain('| Shop | 50 % | 5 of 10 |')
  })
})

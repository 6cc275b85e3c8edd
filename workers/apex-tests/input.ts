/** What apex.test takes, and what it asks an org for. */
import { FatalError, invalidInput } from '../errors/steering.ts'
import { type OrgInput, orgProperties } from '../salesforce/input.ts'
import { gitSchema } from '../sources/git.ts'
import type { Source } from '../sources/source.ts'
import { type Thresholds, thresholdsSchema } from './coverage.ts'

export interface Chosen {
  readonly className: string
  /** All of the class when left out. */
  readonly testMethods?: readonly string[]
}

export interface TestInput extends OrgInput, Pick<Source, 'upload' | 'git'> {
  readonly testLevel?: 'RunLocalTests' | 'RunAllTestsInOrg' | 'RunSpecifiedTests'
  readonly tests?: readonly Chosen[]
  readonly suites?: readonly string[]
  readonly maxFailedTests?: number
  readonly coverage?: 'none' | 'aggregate' | 'detailed'
  readonly thresholds?: Thresholds
  readonly retryFailed?: { readonly times?: number; readonly mode?: 'serial'; readonly which?: 'locks' | 'all' }
}

const name = (pattern: string) => ({ type: 'string', pattern, minLength: 1, maxLength: 255 })
const className = name('^[A-Za-z][A-Za-z0-9_.]*$')

export const testProperties = {
  ...orgProperties,
  testLevel: {
    enum: ['RunLocalTests', 'RunAllTestsInOrg', 'RunSpecifiedTests'],
    description:
      'RunSpecifiedTests where tests or suites are given, else RunLocalTests: all but those of managed packages',
  },
  tests: {
    type: 'array',
    minItems: 1,
    maxItems: 5_000,
    description: 'classes, each with some of its methods or all',
    items: {
      type: 'object',
      required: ['className'],
      additionalProperties: false,
      properties: {
        className,
        testMethods: { type: 'array', minItems: 1, maxItems: 1_000, items: name('^[A-Za-z][A-Za-z0-9_]*$') },
      },
    },
  },
  suites: { type: 'array', minItems: 1, maxItems: 100, items: name('^[^,]+$'), description: 'names of test suites' },
  maxFailedTests: {
    type: 'integer',
    minimum: 0,
    maximum: 1_000_000,
    description: 'when more have failed than these, the org stops; it never does when left out',
  },
  coverage: {
    enum: ['none', 'aggregate', 'detailed'],
    description: 'of each class, or its lines, too; none when left out, unless thresholds are given',
  },
  thresholds: thresholdsSchema,
  retryFailed: {
    type: 'object',
    additionalProperties: false,
    description: 'tests that failed because others held their rows run again, one class at a time',
    properties: {
      times: { type: 'integer', minimum: 0, maximum: 5, description: '1 when left out' },
      mode: { enum: ['serial'] },
      which: { enum: ['locks', 'all'], description: 'locks when left out; all runs again whatever failed' },
    },
  },
  upload: {
    type: 'string',
    format: 'upload',
    description: 'the id of an upload: an archive of the sources, to say in which of their files a test failed',
  },
  git: {
    ...gitSchema,
    properties: { ...gitSchema.properties, token: { enum: ['git'], description: 'the secret "git" of the request' } },
  },
} as const

/** The body of `runTestsAsynchronous`. */
export type TestRequest = Readonly<Record<string, unknown>>

/** Throws a sentence where the input contradicts itself. */
export function requestOf(input: TestInput): TestRequest {
  const { tests, suites, maxFailedTests } = input
  const common = {
    ...(maxFailedTests !== undefined && { maxFailedTests }),
    skipCodeCoverage: coverageOf(input) === 'none',
  }
  const testLevel = levelOf(input)
  if (tests) return { tests, testLevel, ...common }
  if (suites) return { suiteNames: suites.join(','), testLevel, ...common }
  return { testLevel, ...common }
}

function levelOf({ tests, suites, testLevel }: TestInput): string {
  if (tests && suites) throw invalidInput('give tests or suites, not both: Salesforce runs one or the other')
  const isSpecified = tests !== undefined || suites !== undefined
  const level = testLevel ?? (isSpecified ? 'RunSpecifiedTests' : 'RunLocalTests')
  if (isSpecified && level !== 'RunSpecifiedTests')
    throw new FatalError(
      `tests and suites need "testLevel": "RunSpecifiedTests", or none: ${level} runs more than these`,
    )
  if (!isSpecified && level === 'RunSpecifiedTests')
    throw invalidInput('testLevel RunSpecifiedTests needs tests or suites')
  return level
}

export function coverageOf({ coverage, thresholds }: TestInput): NonNullable<TestInput['coverage']> {
  if (coverage === 'none' && thresholds)
    throw invalidInput('thresholds need coverage: leave "coverage": "none" out, or say aggregate')
  return coverage ?? (thresholds ? 'aggregate' : 'none')
}

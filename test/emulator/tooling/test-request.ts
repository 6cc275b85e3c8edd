import { ApiError } from '../answer.ts'
import { type ApexSource, isTestClass, testMethodsIn } from '../metadata/apex.ts'
import type { EmulatedOrg } from '../org.ts'

/** What `runTestsAsynchronous` is asked for. */
export interface TestRequest {
  readonly testLevel?: string
  readonly classNames?: string
  readonly classids?: string
  readonly suiteNames?: string
  readonly tests?: readonly {
    readonly className?: string
    readonly classId?: string
    readonly testMethods?: readonly string[]
  }[]
  readonly maxFailedTests?: number
  readonly skipCodeCoverage?: boolean
}

/** A class of a run, with those of its methods that are to be called. */
export interface ChosenTest {
  readonly source: ApexSource
  readonly methods: readonly string[]
}

/** Throws what Salesforce says when there is no such class, method or suite. */
export function chosenTests(org: EmulatedOrg, request: TestRequest): ChosenTest[] {
  const all = sourcesOf(org)
  const wanted = wantedTests(org, request)
  if (wanted.length > 0) return wanted.map((one) => chosenTest(all, one))
  if (request.testLevel !== 'RunLocalTests' && request.testLevel !== 'RunAllTestsInOrg') {
    throw new ApiError(400, 'INVALID_INPUT', 'Tests to run cannot be null or empty')
  }
  return all.filter(({ body }) => isTestClass(body)).map((source) => ({ source, methods: testMethodsIn(source.body) }))
}

/** The Apex classes that an org holds. */
export function sourcesOf({ rows }: EmulatedOrg): ApexSource[] {
  return rows.all('ApexClass').map(({ Id, Name, Body }) => ({ id: Id, name: String(Name), body: String(Body ?? '') }))
}

type WantedTest = NonNullable<TestRequest['tests']>[number]

function wantedTests(
  org: EmulatedOrg,
  { tests, classNames, classids, suiteNames }: TestRequest,
): readonly WantedTest[] {
  if (tests) return tests
  const names = [...split(classNames), ...split(classids), ...split(suiteNames).flatMap((name) => inSuite(org, name))]
  return names.map((className) => ({ className }))
}

function chosenTest(all: readonly ApexSource[], { className, classId, testMethods }: WantedTest): ChosenTest {
  const given = className ?? classId ?? ''
  const source = all.find(({ name, id }) => name === given || id.slice(0, 15) === given.slice(0, 15))
  if (!source) throw new ApiError(400, 'INVALID_INPUT', `${given} is not a valid class name or ID`)
  const methods = testMethodsIn(source.body)
  const unknown = testMethods?.find((name) => !methods.includes(name))
  if (unknown) throw new ApiError(400, 'INVALID_INPUT', `${unknown} is not a valid test method of ${source.name}`)
  return { source, methods: testMethods ?? methods }
}

/** Suites hold the names of their classes, as in their metadata. */
function inSuite({ metadata }: EmulatedOrg, name: string): string[] {
  const suite = metadata.get('ApexTestSuite', name)
  if (!suite) throw new ApiError(400, 'INVALID_INPUT', `${name} is not a valid suite name`)
  const xml = [...suite.files.values()].map((bytes) => Buffer.from(bytes).toString()).join('')
  return [...xml.matchAll(/<testClassName>([^<]+)</g)].map(([, one = '']) => one)
}

function split(list: string | undefined): string[] {
  return (list ?? '')
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '')
}

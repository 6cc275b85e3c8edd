import { ApiError } from '../answer.ts'
import { textIn, textsIn, type XmlRecord } from './xml.ts'

export const testLevels = ['NoTestRun', 'RunSpecifiedTests', 'RunLocalTests', 'RunAllTestsInOrg'] as const
export type TestLevel = (typeof testLevels)[number]

/** How a deployment was asked for, with Salesforce's defaults filled in. */
export interface DeployOptions {
  readonly allowMissingFiles: boolean
  readonly autoUpdatePackage: boolean
  readonly checkOnly: boolean
  readonly ignoreWarnings: boolean
  readonly performRetrieve: boolean
  readonly purgeOnDelete: boolean
  readonly rollbackOnError: boolean
  readonly runTests: readonly string[]
  readonly singlePackage: boolean
  readonly testLevel: TestLevel
}

const defaults: DeployOptions = {
  allowMissingFiles: false,
  autoUpdatePackage: false,
  checkOnly: false,
  ignoreWarnings: false,
  performRetrieve: false,
  purgeOnDelete: false,
  rollbackOnError: false,
  runTests: [],
  singlePackage: false,
  testLevel: 'NoTestRun',
}

/** Options of the SOAP call, whose values are texts. */
export function optionsOfXml(record: XmlRecord): DeployOptions {
  const flags = Object.keys(defaults).filter((name) => typeof defaults[name as keyof DeployOptions] === 'boolean')
  const given = flags.flatMap((name) => {
    const text = textIn(record, name)
    return text === undefined ? [] : [[name, text === 'true']]
  })
  const testLevel = textIn(record, 'testLevel')
  return optionsOf({
    ...Object.fromEntries(given),
    runTests: textsIn(record, 'runTests'),
    ...(testLevel === undefined ? {} : { testLevel: testLevel as TestLevel }),
  })
}

export function optionsOf(given: Partial<DeployOptions>): DeployOptions {
  const known = Object.entries(given).filter(([name, value]) => name in defaults && value != null)
  return { ...defaults, ...Object.fromEntries(known) }
}

/** Throws what Salesforce says of options that do not fit each other. */
export function checkOptions({ testLevel, runTests }: DeployOptions): void {
  if (!testLevels.includes(testLevel)) {
    throw new ApiError(400, 'INVALID_OPERATION', `testLevel ${testLevel} is not a valid test level`)
  }
  if (testLevel === 'RunSpecifiedTests' && runTests.length === 0) {
    throw new ApiError(400, 'INVALID_OPERATION', 'runTests must be specified when testLevel is RunSpecifiedTests')
  }
  if (testLevel !== 'RunSpecifiedTests' && runTests.length > 0) {
    throw new ApiError(400, 'INVALID_OPERATION', 'runTests can be used only with a testLevel of RunSpecifiedTests')
  }
}

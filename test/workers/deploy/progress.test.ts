import { describe, expect, it } from 'vitest'
import { progressOf } from '../../../workers/deploy/progress.ts'

const status = (name: string, numbers: object = {}) => ({
  id: '0Af',
  status: name,
  done: false,
  success: false,
  numberComponentsDeployed: 0,
  numberComponentsTotal: 0,
  numberComponentErrors: 0,
  numberTestsCompleted: 0,
  numberTestsTotal: 0,
  numberTestErrors: 0,
  ...numbers,
})

describe('the progress of a deployment', () => {
  it('is none while it waits for another one of the org', () => {
    expect(progressOf(status('Pending'))).toEqual({
      phase: 'waiting in org queue',
      percent: null,
      message: 'Pending: its turn in the org has not come',
    })
  })

  it('is none before the org has counted', () => {
    expect(progressOf(status('InProgress'))).toMatchObject({ phase: 'deploying', percent: null })
  })

  it('is that of the components first, from 5 to 60 percent, errors among them', () => {
    const counted = { numberComponentsTotal: 10, numberComponentsDeployed: 4, numberComponentErrors: 1 }
    expect(progressOf(status('InProgress', { ...counted, stateDetail: 'Processing Type: ApexClass' }))).toEqual({
      phase: 'deploying',
      percent: 32,
      done: 5,
      total: 10,
      unit: 'components',
      message: 'InProgress: Processing Type: ApexClass (1 error)',
    })
  })

  it('is that of the tests then, from 60 to 98', () => {
    const all = { numberComponentsTotal: 2, numberComponentsDeployed: 2, numberTestsTotal: 4 }
    expect(progressOf(status('InProgress', all))).toMatchObject({
      phase: 'testing',
      percent: 60,
      done: 0,
      unit: 'tests',
    })
    expect(progressOf(status('InProgress', { ...all, numberTestsCompleted: 1, numberTestErrors: 1 }))).toMatchObject({
      percent: 79,
      done: 2,
      total: 4,
    })
    expect(progressOf(status('InProgress', { ...all, numberTestsCompleted: 4 })).percent).toBe(98)
  })

  it('is nearly all while the org finishes, and none while it cancels', () => {
    expect(progressOf(status('FinalizingDeploy'))).toMatchObject({ phase: 'finalizing', percent: 99 })
    expect(progressOf(status('Succeeded'))).toMatchObject({ phase: 'collecting', percent: 99 })
    expect(progressOf(status('Canceling'))).toMatchObject({ phase: 'cancelling', percent: null })
  })
})

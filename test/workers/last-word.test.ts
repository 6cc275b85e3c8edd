import { describe, expect, it } from 'vitest'
import { errorFrame } from '../../workers/last-word.ts'

const withCode = (code: string, options?: ErrorOptions) => Object.assign(new Error('it failed', options), { code })

describe('the error that a task ended with', () => {
  it.each<[string, unknown, string]>([
    ['its own code', withCode('NOT_DEPLOYED'), 'NOT_DEPLOYED'],
    ['no code', new Error('it failed'), 'TASK_FAILED'],
    ['a code that is none', withCode('lower case'), 'TASK_FAILED'],
    ['the code of what it came from', new TypeError('fetch failed', { cause: withCode('EMFILE') }), 'EMFILE'],
    ['the code of one of those it came from', new AggregateError([new Error('other'), withCode('EMFILE')]), 'EMFILE'],
    ['its own code, whatever it came from', withCode('MINE', { cause: withCode('EMFILE') }), 'MINE'],
    ['none that nobody was refused by', new Error('it failed', { cause: withCode('ECONNRESET') }), 'TASK_FAILED'],
    ['that there is no memory', new RangeError('Array buffer allocation failed'), 'OUT_OF_MEMORY'],
    ['that a thread of it had no memory', withCode('ERR_WORKER_OUT_OF_MEMORY'), 'OUT_OF_MEMORY'],
  ])('has %s', (_, thrown, code) => {
    expect(errorFrame(thrown).code).toBe(code)
  })

  it('has no code of what leads back to itself', () => {
    const error = new Error('it failed')
    error.cause = error
    expect(errorFrame(error).code).toBe('TASK_FAILED')
  })
})

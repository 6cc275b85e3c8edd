import { expect, it } from 'vitest'
import { Calls } from '../../src/http/calls.ts'

it('are bounded, together and for each tenant, and one that is over makes room once', () => {
  const calls = new Calls(3, 2)
  const end = calls.begin('acme')
  calls.begin('acme')
  expect(() => calls.begin('acme')).toThrow('too many calls are under way')
  calls.begin('globex')
  expect(() => calls.begin('globex')).toThrow('too many calls are under way')
  end()
  end()
  calls.begin('globex')
  expect(() => calls.begin('acme')).toThrow('too many calls are under way')
})

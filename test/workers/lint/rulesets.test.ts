import { expect, it } from 'vitest'
import { rulesetOf } from '../../../workers/lint/rulesets.ts'

it.for([
  ['app/classes/A.cls', 'apex'],
  ['scripts/hello.apex', 'apex'],
  ['app/lwc/cart/cart.html', 'lwc'],
  ['app/lwc/cart/templates/row/row.html', 'lwc'],
  ['app/lwc/cart/__tests__/cart.html', undefined],
  ['app/lwc/cart/templates/__examples__/row.html', undefined],
  ['app/lwc/cart.html', undefined],
  ['app/lwc/cart/cart.js-meta.xml', 'metadata'],
  ['app/pages/index.html', undefined],
] as const)('%s is looked at by the rules for %s', ([path, ruleset]) => {
  expect(rulesetOf(path)).toBe(ruleset)
})

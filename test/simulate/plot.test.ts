import { expect, test } from 'vitest'
import { generate } from '../../src/simulate/generate.ts'
import { plot } from '../../src/simulate/plot.ts'
import { simulate } from '../../src/simulate/simulate.ts'
import { policyOf } from '../schedule/fixture.ts'

test('a picture has a column for each setting and a line for each pool, inside its frame', () => {
  const load = { tenants: 3, ratePerSecond: 0.1, mix: { critical: 1, normal: 1, batch: 1 }, hours: 1, seed: 1 }
  const figures = simulate([...generate(load)], { policy: policyOf() })
  const svg = plot([
    { name: 'a<b>&.json', figures },
    { name: 'other', figures },
  ])
  expect(svg).toMatch(/^<svg [^>]*>/)
  expect(svg).toContain('a&lt;b&gt;&amp;.json: waiting, tasks')
  const lines = [...svg.matchAll(/points="([^"]*)"/g)].map(([, points = '']) => points.split(' '))
  expect(lines).toHaveLength(2 * 3 * 3)
  expect(svg).not.toContain('foretold')
  for (const [x, y] of lines.flat().map((point) => point.split(',').map(Number))) {
    expect(x).toBeGreaterThanOrEqual(0)
    expect(x).toBeLessThanOrEqual(460)
    expect(y).toBeGreaterThanOrEqual(0)
    expect(y).toBeLessThanOrEqual(180)
  }
})

test('it shows what became of forecasts, when there were some', () => {
  const load = { tenants: 3, ratePerSecond: 0.03, mix: { critical: 1, normal: 1, batch: 1 }, hours: 5, seed: 1 }
  const figures = simulate([...generate(load)], { policy: policyOf(), forecasts: 50 })
  expect(plot([{ name: 'now', figures }])).toMatch(/started by the time foretold.*100 % of p90/s)
})

import { Ajv } from 'ajv'
import formats from 'ajv-formats'
import { describe, expect, it } from 'vitest'
import { defaults } from '../../src/config/defaults.ts'
import { configSchema } from '../../src/config/json-schema.ts'
import { Config } from '../../src/config/schema.ts'

const valid = formats.default(new Ajv({ strict: true, allowUnionTypes: true })).compile(configSchema())

describe('the JSON schema of config files', () => {
  // `npm test -- test/config -u` writes it anew.
  it('stands in config/ as it is', async () => {
    await expect(`${JSON.stringify(configSchema(), null, 2)}\n`).toMatchFileSnapshot(
      '../../config/settings.schema.json',
    )
  })

  it('knows each setting, lets each be left out, and takes what holds by default', () => {
    expect(Object.keys(configSchema().properties as object)).toEqual(['$schema', ...Object.keys(Config.properties)])
    for (const settings of [{}, { pools: { batch: { share: 0.5 } } }, { tenant: {} }, defaults()]) {
      expect(valid(settings), JSON.stringify(valid.errors)).toBe(true)
    }
  })

  it('refuses what is not known, and windows without their times', () => {
    for (const settings of [{ pool: {} }, { pools: { batch: { windows: [{ from: '22:00' }] } } }]) {
      expect(valid(settings)).toBe(false)
    }
  })
})

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { defaults } from '../../src/config/defaults.ts'
import { ConfigError } from '../../src/config/error.ts'
import { readConfig } from '../../src/config/read.ts'

describe('whether secrets may go to commands', () => {
  const read = (flags: readonly string[], MAYFLY_ALLOW_SECRETS_IN_COMMANDS?: string) =>
    readConfig(flags, { MAYFLY_ALLOW_SECRETS_IN_COMMANDS }).allowSecretsInCommands

  it('is for the operator to say, by flag or environment, and no otherwise', () => {
    expect(read([])).toBe(false)
    expect(read(['--allow-secrets-in-commands'])).toBe(true)
    expect([read([], 'true'), read([], '1'), read([], 'false'), read([], '0'), read([], '')]).toEqual([
      true,
      true,
      false,
      false,
      false,
    ])
    expect(read(['--allow-secrets-in-commands'], 'false')).toBe(true)
  })

  it('is said by true or false', () => {
    expect(() => read([], 'yes')).toThrow('MAYFLY_ALLOW_SECRETS_IN_COMMANDS must be true or false: yes')
  })
})

describe('a config file', () => {
  let directory: string

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'mayfly-config-'))
  })

  afterEach(() => rmSync(directory, { recursive: true, force: true }))

  function read(settings: unknown) {
    const path = join(directory, 'config.json')
    writeFileSync(path, JSON.stringify(settings))
    return readConfig(['--config', path], {})
  }

  it('may give a part of pools, tenant and preemption: the rest stays', () => {
    const { pools, tenant, preemption } = read({
      $schema: './settings.schema.json',
      pools: { batch: { share: 0.25, windows: [{ days: ['sat', 'sun'], from: '22:00', to: '06:00' }] } },
      tenant: { weight: 2, poolRunning: { batch: 1 } },
      preemption: { most: 0 },
    })
    expect(pools).toEqual({
      ...defaults().pools,
      batch: { min: 0, max: null, share: 0.25, windows: [{ days: ['sat', 'sun'], from: '22:00', to: '06:00' }] },
    })
    expect(tenant).toEqual({
      ...defaults().tenant,
      weight: 2,
      poolRunning: { critical: null, normal: null, batch: 1 },
    })
    expect(preemption).toEqual({ exemptSeconds: 30, most: 0 })
  })

  it.each<[unknown, string]>([
    [{ pools: { batch: { share: 1.5 } } }, 'pools.batch.share must be at most 1'],
    [{ pools: { batch: { share: -0.1 } } }, 'pools.batch.share must be at least 0'],
    [{ pools: { batch: { max: 0 } } }, 'pools.batch.max must be at least 1'],
    [
      { pools: { batch: { share: 0 } } },
      'pools.batch.share is 0 and there are no windows, so nothing of it could ever start: raise it, or say when in pools.batch.windows',
    ],
    [
      { criticalSlots: 0, pools: { critical: { share: 0 } } },
      'pools.critical.share is 0 and there are no windows, so nothing of it could ever start: raise it, or say when in pools.critical.windows',
    ],
    [{ pools: { critical: { min: 1 } } }, 'pools.critical.min is not allowed here'],
    [{ pools: { night: {} } }, 'pools.night is not allowed here'],
    [{ pools: 'batch' }, 'pools must be an object'],
    [{ pools: null }, 'pools must be an object'],
    [
      { masterKey: 'passphrase', formerMasterKey: 'passphrase' },
      'masterKey and formerMasterKey cannot both be passphrase',
    ],
    [
      { criticalSlots: 2, pools: { critical: { max: 1 } } },
      'pools.critical.max must be at least criticalSlots, which is 2',
    ],
    [
      { sharedSlots: 4, pools: { normal: { min: 3 }, batch: { min: 2 } } },
      'pools.normal.min and pools.batch.min keep 5 slots together, and there are 4: lower one of them, or raise sharedSlots',
    ],
    [
      { sharedSlots: 9, pools: { batch: { min: 3, max: 2 } } },
      'pools.batch.max must be at least pools.batch.min, which is 3',
    ],
    [{ pools: { batch: { windows: [{ from: '22:00' }] } } }, 'pools.batch.windows.0.to is missing'],
    [
      { pools: { batch: { windows: [{ from: '22:00', to: '24:00' }] } } },
      'pools.batch.windows.0.to must be a time of the day, 00:00 to 23:59',
    ],
    [
      { pools: { batch: { windows: [{ days: [], from: '22:00', to: '06:00' }] } } },
      'pools.batch.windows.0.days must have at least 1 entry',
    ],
    [
      { pools: { batch: { windows: [{ days: ['someday'], from: '22:00', to: '06:00' }] } } },
      'pools.batch.windows.0.days.0 must be one of mon, tue, wed, thu, fri, sat, sun',
    ],
    [
      { byKind: { lint: { windows: [{ from: '01:00', to: '02:00', timeZone: 'Mars/Olympus' }] } } },
      'byKind.lint.windows.0.timeZone: there is no time zone Mars/Olympus: give a name such as Europe/Berlin',
    ],
    [{ byKind: { lint: { running: 0 } } }, 'byKind.lint.running must be at least 1'],
    [{ byKind: { 'Not A Kind': {} } }, 'byKind.Not A Kind is not allowed here'],
    [
      { tenant: { timeZone: 'Europe/Atlantis' } },
      'tenant.timeZone: there is no time zone Europe/Atlantis: give a name such as Europe/Berlin',
    ],
    [{ tenant: { weight: 0 } }, 'tenant.weight must be at least 0.01'],
    [{ tenant: { weight: 1e9 } }, 'tenant.weight must be at most 1000'],
    [{ tenant: { processSecondsPerDay: -1 } }, 'tenant.processSecondsPerDay must be at least 0'],
    [{ tenant: { poolRunning: { batch: 1.5 } } }, 'tenant.poolRunning.batch must be an integer'],
    [{ tenantRunning: 5 }, 'tenantRunning is tenant.running by now: write {"tenant": {…}}'],
    [{ preemption: { most: -1 } }, 'preemption.most must be at least 0'],
    [{ memoryMiB: 8 }, 'memoryMiB must be at least 16'],
    [{ criticalRunSeconds: 0 }, 'criticalRunSeconds must be at least 1'],
    [[], 'must hold an object with the settings by their names'],
  ])('is refused with one sentence: %j', (settings, sentence) => {
    expect(() => read(settings)).toThrow(sentence)
    expect(() => read(settings)).toThrow(ConfigError)
  })

  it('may close a pool outside of its windows', () => {
    const windows = [{ from: '22:00', to: '06:00', timeZone: 'Europe/Berlin', atEnd: 'preempt' as const }]
    expect(read({ pools: { batch: { share: 0, windows } } }).pools.batch).toMatchObject({ share: 0, windows })
  })
})

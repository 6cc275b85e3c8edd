import { describe, expect, it } from 'vitest'
import { changesOf } from '../../src/config/changes.ts'
import { defaults } from '../../src/config/defaults.ts'

const before = defaults({ cores: 2, memoryMiB: 4096 })

describe('settings that are read again', () => {
  it('are as they were when nothing is different', () => {
    expect(changesOf(before, structuredClone(before))).toEqual({ config: before, changed: [], needRestart: [] })
  })

  it('hold at once where the scheduler and admission go by them, and with the next start where not', () => {
    const tenant = { ...before.tenant, weight: 2 }
    const read = { ...before, sharedSlots: 5, tenant, port: 1, masterKey: '/key', environment: { PROXY: 'x' } }
    expect(changesOf(before, read)).toEqual({
      config: { ...before, sharedSlots: 5, tenant },
      changed: ['sharedSlots', 'tenant'],
      needRestart: ['port', 'environment', 'masterKey'],
    })
  })

  it('are told again until there was a restart', () => {
    const read = { ...before, port: 1 }
    expect(changesOf(changesOf(before, read).config, read).needRestart).toEqual(['port'])
  })
})

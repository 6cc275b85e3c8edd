import { describe, expect, it } from 'vitest'
import { maskText } from '../../src/mask/json.ts'
import { Lease } from '../../src/secrets/lease.ts'
import { takeOver } from '../../src/system/zeroable.ts'

const value = (text: string) => takeOver(Buffer.from(text))

describe('a lease', () => {
  it('has masked what it holds, and each value from when it is added', () => {
    const lease = new Lease()
    const shown = () => maskText('the-first and the-second', lease.needles)
    lease.add(value('the-first'), 'token')
    expect(shown()).toBe('*** and the-second')
    lease.add(value('the-second'))
    expect(shown()).toBe('*** and ***')
    expect([...lease.entries()].map(([name]) => name)).toEqual(['token'])
    expect([...lease.values()].map(String)).toEqual(['the-first', 'the-second'])
    lease.wipe()
    expect(lease.needles.areWiped).toBe(true)
  })

  it('leaves zeros in every buffer it had, and in each that comes too late', () => {
    const lease = new Lease()
    const buffers = [value('first'), value('second'), value('late')] as const
    lease.add(buffers[0], 'token')
    lease.add(buffers[1])
    lease.wipe()
    lease.wipe()
    lease.add(buffers[2], 'late')
    for (const buffer of buffers) expect(buffer.every((byte) => byte === 0)).toBe(true)
    expect([...lease.values()]).toEqual([])
  })
})

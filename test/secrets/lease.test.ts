import { describe, expect, it } from 'vitest'
import { takeOver } from '../../src/secrets/buffers.ts'
import { Lease } from '../../src/secrets/lease.ts'

const value = (text: string) => takeOver(Buffer.from(text))

describe('a lease', () => {
  it('tells its listener of every value, those before it and those after it', () => {
    const lease = new Lease()
    lease.add(value('first'), 'token')
    const told: string[] = []
    lease.onAdd((bytes) => told.push(bytes.toString()))
    lease.add(value('second'))
    expect(told).toEqual(['first', 'second'])
    expect([...lease.entries()].map(([name]) => name)).toEqual(['token'])
    expect([...lease.values()].map(String)).toEqual(['first', 'second'])
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
